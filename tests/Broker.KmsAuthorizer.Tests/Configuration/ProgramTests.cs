using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Broker.KmsAuthorizer.Configuration;

namespace Broker.KmsAuthorizer.Tests.Configuration;

/// <summary>The program as an operator starts it: a process of its own.</summary>
public sealed class ProgramTests
{
    [Fact]
    public async Task Prints_its_settings_on_help()
    {
        var (exitCode, output, errors) = await RunAsync(["--help"]);

        (exitCode, output, errors).ShouldBe((0, Usage.Text, ""));
    }

    [Fact]
    public async Task Stops_with_one_line_for_a_setting_it_cannot_use()
    {
        var (exitCode, output, errors) = await RunAsync([], ("BROKER_KMS_AUTH_PORT", "http"));

        (exitCode, output).ShouldBe((1, ""));
        errors.ShouldBe("""
            BOOT_FAIL: BROKER_KMS_AUTH_PORT="http": a port from 0 to 65535; see README#kms-authorizer

            """);
    }

    [Fact]
    public async Task Stops_with_a_line_for_each_setting_it_cannot_use()
    {
        var (exitCode, output, errors) = await RunAsync(
            [], ("HOST", "everywhere"), ("BROKER_KMS_AUTH_BACKEND", "ethereum"),
            ("ETH_RPC_URL", "http://user:pass-word@node.example"));

        (exitCode, output).ShouldBe((1, ""));
        const string end = "; see README#kms-authorizer";
        errors.Split('\n').ShouldBe(
        [
            "BOOT_FAIL: HOST=\"everywhere\": an IP address, for example 127.0.0.1" + end,
            "BOOT_FAIL: ETH_RPC_URL=\"<secret>\": a user and password in the address would not be sent" + end,
            "BOOT_FAIL: BROKER_KMS_AUTH_ETH_CONTRACT=\"\": missing required variable (an address other than zero: "
            + "0x and 40 hex digits, the checksum right if in mixed case)" + end,
            "",
        ]);
    }

    [Fact]
    public async Task Stops_with_one_line_when_the_port_is_taken()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (exitCode, _, errors) = await RunAsync(["--port", $"{port}"]);

        exitCode.ShouldBe(1);
        errors.ShouldStartWith($"BOOT_FAIL: BROKER_KMS_AUTH_PORT=\"127.0.0.1:{port}\": ");
    }

    [Fact]
    public async Task Ignores_a_settings_file_and_framework_variables_that_its_help_does_not_list()
    {
        var folder = Directory.CreateTempSubdirectory("kms-authorizer-");
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "appsettings.json"),
            """{"Kestrel":{"Endpoints":{"x":{"Url":"http://0.0.0.0:0"}}}}""");
        try
        {
            using var process = Start(["--port", "0"], folder.FullName, ("ASPNETCORE_URLS", "http://0.0.0.0:0"));
            string? line;
            do
            {
                line = await process.StandardOutput.ReadLineAsync();
            }
            while (line?.Contains("Server listening on", StringComparison.Ordinal) is false);
            process.Kill();

            line.ShouldNotBeNull().ShouldContain("Server listening on 127.0.0.1:");
            (await process.StandardOutput.ReadToEndAsync()).ShouldNotContain("0.0.0.0");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>sd_notify(3), as the unit of Type=notify with a watchdog asks for it.</summary>
    [Fact]
    public async Task Tells_systemd_that_it_listens_and_lives()
    {
        var folder = Directory.CreateTempSubdirectory("kms-authorizer-");
        try
        {
            var address = Path.Combine(folder.FullName, "notify");
            using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            manager.Bind(new UnixDomainSocketEndPoint(address));
            manager.ReceiveTimeout = 60_000;
            using var process = Start(
                ["--port", "0"], folder.FullName, ("NOTIFY_SOCKET", address), ("WATCHDOG_USEC", "600000"));

            var heard = new List<string>();
            var message = new byte[256];
            while (heard.Count < 3) heard.Add(Encoding.UTF8.GetString(message, 0, manager.Receive(message)));
            process.Kill();
            await process.WaitForExitAsync();
            heard.ShouldContain("READY=1");
            heard.ShouldContain("WATCHDOG=1");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string[] arguments, params (string Name, string Value)[] variables)
    {
        using var process = Start(arguments, Path.GetTempPath(), variables);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    private static Process Start(string[] arguments, string folder, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(AuthorizerApplication).Assembly.Location, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var variable in Variables.All)
        {
            foreach (var name in (string[])[variable.Name, .. variable.Aliases]) start.Environment.Remove(name);
        }

        foreach (var (name, value) in variables) start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
