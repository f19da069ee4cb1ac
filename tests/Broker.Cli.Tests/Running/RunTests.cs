using Broker.Cli.Tests.Support;

namespace Broker.Cli.Tests.Running;

/// <summary><c>brokerctl run</c>: the command has credentials in its environment, and is else on its own.</summary>
public sealed class RunTests(BrokerSite site) : IClassFixture<BrokerSite>
{
    [Fact]
    public async Task The_command_has_the_six_variables_and_nothing_of_the_session()
    {
        using var user = await site.SignedInAsync();
        user.Environment["AWS_PROFILE"] = "another";
        user.Environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/nowhere";
        user.Environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "another";

        var seen = Variables(await user.RunAsync("run", "--role", "vault", "--", "env", "-0"));

        seen["AWS_ACCESS_KEY_ID"].ShouldStartWith("ASIA");
        var names = seen.Keys.Where(name => name.StartsWith("AWS_", StringComparison.Ordinal));
        names.Order(StringComparer.Ordinal).ShouldBe(
            ["AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]);
        seen["AGENTKEYS_USER_WALLET"].ShouldStartWith("0x");
        seen["HOME"].ShouldBe(user.Home);

        var token = TokenOf(user);
        user.Environment["AGENTKEYS_SESSION_TOKEN"] = token;
        foreach (var more in (string[][])[[], ["--serve"]])
        {
            var ran = (await user.RunAsync(["run", .. more, "--", "env", "-0"])).ShouldSucceed();
            ran.Output.ShouldNotContain(token);
        }
    }

    [Theory]
    [InlineData(0, "exit 0")]
    [InlineData(7, "exit 7")]
    [InlineData(255, "exit 255")]
    [InlineData(143, "kill -TERM $$")]
    [InlineData(137, "kill -KILL $$")]
    public async Task The_exit_code_is_the_commands(int code, string script)
    {
        using var user = await site.SignedInAsync();
        string[] command = ["--", "/bin/sh", "-c", script];

        (await user.RunAsync(["run", .. command])).Code.ShouldBe(code);
        (await user.RunAsync(["run", "--serve", .. command])).Code.ShouldBe(code);
    }

    [Fact]
    public async Task A_command_that_cannot_be_run_ends_as_in_a_shell()
    {
        using var user = await site.SignedInAsync();
        await File.WriteAllTextAsync(user.File("plain"), "text");

        var none = await user.RunAsync("run", "--", "no-such-command");
        none.Code.ShouldBe(127);
        none.Error.ShouldContain("no-such-command: No such file or directory");
        (await user.RunAsync("run", "--", user.File("plain"))).Code.ShouldBe(126);
        (await user.RunAsync("run", "--", user.Home)).Code.ShouldBe(126);
        (await user.RunAsync("run")).Code.ShouldBe(Broker.Cli.Terminal.ExitCode.Misuse);

        // No credentials, no command.
        var refused = await user.RunAsync("run", "--role", "nobodys", "--region", "us-east-1", "--", "touch", "ran");
        refused.Code.ShouldBe(1);
        File.Exists(user.File("ran")).ShouldBeFalse();
        (await user.RunAsync("run", "--serve", "--role", "nobodys", "--", "touch", "ran")).Code.ShouldBe(1);
        File.Exists(user.File("ran")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    [InlineData("QUIT")]
    [InlineData("USR1")]
    [InlineData("USR2")]
    [InlineData("WINCH")]
    [InlineData("CONT")]
    [InlineData("ALRM")]
    [InlineData("TSTP")]
    public async Task Each_signal_reaches_the_command(string signal)
    {
        using var user = await site.SignedInAsync();
        foreach (var more in (string[][])[[], ["--serve"]])
        {
            var script = $"trap 'echo got; exit 9' {signal}; echo ready; while :; do sleep 0.05; done";
            using var process = user.Start(["run", .. more, "--", "/bin/sh", "-c", script]);
            (await process.StandardOutput.ReadLineAsync()).ShouldBe("ready");

            (await user.RunProgramAsync("/bin/kill", [$"-{signal}", $"{process.Id}"])).ShouldSucceed();

            (await process.StandardOutput.ReadLineAsync()).ShouldBe("got");
            await process.WaitForExitAsync();
            process.ExitCode.ShouldBe(9);
        }
    }

    [Fact]
    public async Task The_command_finds_signals_files_and_children_as_a_shell_would_leave_them()
    {
        const long brokenPipe = 1 << 12;
        const string waits = "import os\ntry:\n os.wait()\nexcept ChildProcessError:\n print('none')";
        using var user = await site.SignedInAsync();
        foreach (var more in (string[][])[[], ["--serve"]])
        {
            // .NET ignores SIGPIPE and starts processes of its own; the command knows nothing of either.
            var status = (await user.RunAsync(["run", .. more, "--", "cat", "/proc/self/status"])).Output;
            var plain = (await user.RunProgramAsync("/bin/cat", ["/proc/self/status"])).Output;
            foreach (var set in (string[])["SigBlk:", "SigCgt:"]) Line(status, set).ShouldBe(Line(plain, set), set);
            Ignored(status).ShouldBe(Ignored(plain) & ~brokenPipe); // the test's own process is of .NET too
            (await user.RunAsync(["run", .. more, "--", "ls", "/proc/self/fd"])).ShouldSucceed().Output
                .ShouldBe((await user.RunProgramAsync("/bin/ls", ["/proc/self/fd"])).Output);
            (await user.RunAsync(["run", .. more, "--", "python3", "-c", waits])).ShouldSucceed().Output
                .ShouldBe("none\n");
        }
    }

    [Fact]
    public async Task Input_and_arguments_are_the_commands()
    {
        using var user = await site.SignedInAsync();

        const string script = "cat; printf '[%s]' \"$@\" >&2";
        var ran = await user.RunWithInputAsync(
            "from input", "run", "--", "/bin/sh", "-c", script, "sh", "a b", "--json", "", "ü\n");

        ran.ShouldSucceed().Output.ShouldBe("from input");
        ran.Error.ShouldBe("[a b][--json][][ü\n]");
        (await user.RunWithInputAsync("x", "run", "--serve", "--", "cat")).ShouldSucceed().Output.ShouldBe("x");
    }

    [Fact]
    public async Task The_terminal_is_the_commands_and_its_keys_too()
    {
        using var user = await site.SignedInAsync();
        await File.WriteAllTextAsync(user.File("keys.py"), """
            import os, pty, sys, time
            pid, terminal = pty.fork()
            if pid == 0:
                os.execvp(sys.argv[1], sys.argv[1:])
            said = b""
            while b"ready" not in said:
                said += os.read(terminal, 1000)
            os.write(terminal, b"\x03")
            try:
                while True:
                    more = os.read(terminal, 1000)
                    if not more: break
                    said += more
            except OSError:
                pass
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            print(said.decode(), code)
            """);
        foreach (var more in (string[][])[[], ["--serve"]])
        {
            const string script = "trap 'echo got; exit 9' INT; test -t 0 && test -t 1 && test -t 2 && echo ready; "
                + "while :; do sleep 0.05; done";
            var info = BrokerCtlProgram.Info(["run", .. more, "--", "/bin/sh", "-c", script]);

            var ran = await user.RunProgramAsync(
                "python3", [user.File("keys.py"), info.FileName, .. info.ArgumentList]);
            ran.ShouldSucceed();

            ran.Output.ShouldContain("ready");
            ran.Output.Split("got").Length.ShouldBe(2, ran.Output); // once
            ran.Output.TrimEnd().ShouldEndWith(" 9");
        }
    }

    private static Dictionary<string, string> Variables(Ran ran) => ran.ShouldSucceed().Output
        .Split('\0', StringSplitOptions.RemoveEmptyEntries)
        .ToDictionary(one => one[..one.IndexOf('=')], one => one[(one.IndexOf('=') + 1)..]);

    private static string Line(string text, string start) =>
        text.Split('\n').Single(line => line.StartsWith(start, StringComparison.Ordinal));

    private static long Ignored(string status) => long.Parse(
        Line(status, "SigIgn:")["SigIgn:".Length..].Trim(), System.Globalization.NumberStyles.HexNumber,
        System.Globalization.CultureInfo.InvariantCulture);

    private static string TokenOf(CommandLineUser user) => System.Text.Json.JsonDocument
        .Parse(File.ReadAllText(Directory.EnumerateFiles(user.StateFolder, "session-*").Single()))
        .RootElement.GetProperty("session_jwt").GetString()!;
}
