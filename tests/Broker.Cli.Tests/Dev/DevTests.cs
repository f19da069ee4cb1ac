using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using Broker.Cli.Terminal;
using Broker.Cli.Tests.Support;

namespace Broker.Cli.Tests.Dev;

/// <summary><c>brokerctl dev</c>: one command, and everything runs until it is told to end.</summary>
public sealed class DevTests : IDisposable
{
    private readonly CommandLineUser _user = new(new Uri("http://127.0.0.1:9/"));
    private readonly int _port = ServerProcess.FreePort();
    private readonly int _cloudPort = ServerProcess.FreePort();

    // The address is to come from the sign-in.
    public DevTests() => _user.Environment.Remove("AGENTKEYS_BROKER_URL");

    public void Dispose() => _user.Dispose();

    [Fact]
    public async Task What_it_prints_works_and_SIGTERM_ends_both_servers()
    {
        using var dev = Start();
        var printed = await UntilAsync(dev, "Ctrl-C stops both");
        printed.Count(line => line.StartsWith("  ", StringComparison.Ordinal)).ShouldBe(3);

        // The first line: a shell has credentials. The second: what they are for. The third: SDKs have them too.
        var lines = printed.Where(line => line.StartsWith("  ", StringComparison.Ordinal)).ToArray();
        lines[0].ShouldContain("creds --role vault)\"");
        var creds = (await _user.RunAsync("creds", "--role", "vault")).ShouldSucceed().Output;
        await File.WriteAllTextAsync(_user.File("note.txt"), "by dev");
        var list = lines[1].Trim().Replace("aws ", "/usr/bin/aws ", StringComparison.Ordinal);
        var copy = list.Replace(" ls ", $" cp {_user.File("note.txt")} ", StringComparison.Ordinal);
        (await ShellAsync($"{creds}\n{copy} && {list}")).ShouldSucceed().Output.ShouldContain("note.txt");
        (await ShellAsync($"{lines[2].Trim()}\nexport AWS_DEFAULT_REGION=us-east-1\n{list}")).ShouldSucceed()
            .Output.ShouldContain("note.txt");

        await SignalAsync(dev, "TERM");
        dev.ExitCode.ShouldBe(ExitCode.Ok, await dev.StandardError.ReadToEndAsync());
        await GoneAsync();

        // Nothing of a server that is gone is left as the last sign-in; what was stored in the cloud is.
        (await _user.RunAsync("whoami")).Error.ShouldContain("not signed in at http://127.0.0.1:8091/");
        using var again = Start();
        var second = await UntilAsync(again, "Ctrl-C stops both");
        second.First(line => line.StartsWith("signed in", StringComparison.Ordinal))
            .ShouldBe(printed.First(line => line.StartsWith("signed in", StringComparison.Ordinal)));
        creds = (await _user.RunAsync("creds", "--role", "vault")).ShouldSucceed().Output;
        (await ShellAsync($"{creds}\n{list}")).ShouldSucceed().Output.ShouldContain("note.txt");
        await SignalAsync(again, "INT");
        again.ExitCode.ShouldBe(ExitCode.Ok);
        await GoneAsync();
    }

    [Fact]
    public async Task When_one_server_dies_the_other_ends_too_and_the_log_is_shown()
    {
        using var dev = Start("--json");
        var answer = JsonDocument.Parse(await dev.StandardOutput.ReadLineAsync() ?? "{}").RootElement;
        answer.GetProperty("broker_url").GetString().ShouldBe($"http://127.0.0.1:{_port}/");

        // The one of this test's own servers that listens on the port.
        (await _user.RunProgramAsync("/bin/sh", ["-c",
            $"for p in /proc/[0-9]*; do tr '\\0' '\\n' <$p/cmdline 2>/dev/null | grep -qx -- {_cloudPort} "
            + "&& tr '\\0' '\\n' <$p/cmdline | grep -q LocalCloud && kill -KILL ${p#/proc/}; done; true"]))
            .ShouldSucceed();

        await dev.WaitForExitAsync();
        dev.ExitCode.ShouldBe(ExitCode.Failed);
        var error = await dev.StandardError.ReadToEndAsync();
        error.ShouldContain("the local cloud ended with exit code 137");
        await GoneAsync();
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said()
    {
        using var squatter = new TcpListener(System.Net.IPAddress.Loopback, _port);
        squatter.Start();

        var ran = await _user.RunAsync("dev", "--broker-port", $"{_port}");

        ran.Code.ShouldBe(ExitCode.Failed);
        ran.Error.ShouldContain($"port {_port} is taken by another program");
    }

    private Process Start(params string[] more) =>
        _user.Start(["dev", "--broker-port", $"{_port}", "--cloud-port", $"{_cloudPort}", .. more]);

    private Task<Ran> ShellAsync(string script) => _user.RunProgramAsync(
        "/bin/sh", ["-c", script], ("AWS_EC2_METADATA_DISABLED", "true"));

    private static async Task<List<string>> UntilAsync(Process process, string last)
    {
        var lines = new List<string>();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            lines.Add(line);
            if (line.StartsWith(last, StringComparison.Ordinal)) return lines;
        }

        throw new InvalidOperationException(await process.StandardError.ReadToEndAsync());
    }

    private static async Task SignalAsync(Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
    }

    /// <summary>Nothing listens on the two ports any more.</summary>
    private async Task GoneAsync()
    {
        foreach (var port in new[] { _port, _cloudPort })
        {
            using var client = new TcpClient();
            await Should.ThrowAsync<SocketException>(() => client.ConnectAsync("127.0.0.1", port));
        }
    }
}
