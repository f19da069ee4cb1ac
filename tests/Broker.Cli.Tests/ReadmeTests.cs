using Broker.Cli.Tests.Support;

namespace Broker.Cli.Tests;

/// <summary>The README's commands for people and agents, as somebody types them in a shell.</summary>
public sealed class ReadmeTests(BrokerSite site) : IClassFixture<BrokerSite>
{
    private const string Title = "## brokerctl for people and agents";

    [Fact]
    public async Task Every_command_of_the_section_works()
    {
        using var user = await site.UserAsync();
        File.Move(user.KeyFile, user.File("wallet.key"));
        var programs = Directory.CreateDirectory(user.File("programs")).FullName;
        var info = BrokerCtlProgram.Info();
        var words = string.Join(' ', info.ArgumentList.Prepend(info.FileName).Select(word => $"'{word}'"));
        await ProgramAsync("brokerctl", $"exec {words} \"$@\"");
        await ProgramAsync("aws", $"exec /usr/bin/aws --endpoint-url {site.Cloud} \"$@\"");
        await ProgramAsync(
            "my-agent",
            "exec curl -fsS -H \"Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN\" "
                + "\"$AWS_CONTAINER_CREDENTIALS_FULL_URI\" -o served.json");
        var block = Block();
        await File.WriteAllTextAsync(
            user.File("block"), $"{block}\nuntil [ -s token ]; do sleep 0.1; done; kill %?token\n");

        using var shell = System.Diagnostics.Process.Start(Prepare())!;
        await shell.StandardInput.WriteAsync("y\n");
        shell.StandardInput.Close();
        var output = shell.StandardOutput.ReadToEndAsync();
        var error = shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();
        shell.ExitCode.ShouldBe(0, $"{await output}\n{await error}");

        // Each left its trace.
        (await output).ShouldContain("agentkeys-vault-role/"); // get-caller-identity
        (await output).ShouldContain("SESSION POLICY");
        File.Exists(user.File("served.json")).ShouldBeTrue();
        (await File.ReadAllTextAsync(user.File(".aws/config"))).ShouldContain("[profile agentkeys-vault]");
        (await File.ReadAllTextAsync(user.File("token"))).ShouldStartWith("eyJ");

        async Task ProgramAsync(string name, string script)
        {
            var path = Path.Combine(programs, name);
            await File.WriteAllTextAsync(path, $"#!/bin/sh\n{script}\n");
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        System.Diagnostics.ProcessStartInfo Prepare()
        {
            var start = new System.Diagnostics.ProcessStartInfo("/bin/bash", ["-em", user.File("block")])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = user.Home,
            };
            foreach (var name in start.Environment.Keys.Where(IsOfTheMachine).ToList()) start.Environment.Remove(name);
            start.Environment["PATH"] = $"{programs}:{start.Environment["PATH"]}";
            start.Environment["HOME"] = user.Home;
            start.Environment["AGENTKEYS_BROKER_URL"] = site.Broker.AbsoluteUri;
            return start;
        }
    }

    private static bool IsOfTheMachine(string variable) =>
        variable.StartsWith("AWS_", StringComparison.Ordinal)
        || variable.StartsWith("AGENTKEYS_", StringComparison.Ordinal)
        || variable is "XDG_STATE_HOME" or "DBUS_SESSION_BUS_ADDRESS" or "PYTHONPATH";

    private static string Block()
    {
        var readme = File.ReadAllText(Path.Combine(Fixtures.RepositoryRoot, "README.md"));
        var section = readme[readme.IndexOf(Title, StringComparison.Ordinal)..];
        var start = section.IndexOf("```sh\n", StringComparison.Ordinal) + "```sh\n".Length;
        return section[start..section.IndexOf("\n```", start, StringComparison.Ordinal)];
    }
}
