using System.Diagnostics;

namespace Broker.Cli.Tests.Manual;

/// <summary>The scripts in the shells that they are for.</summary>
public sealed class CompletionsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("completions-");

    public CompletionsTests()
    {
        // `brokerctl` in PATH, as after an installation.
        var info = BrokerCtlProgram.Info();
        var words = string.Join(' ', info.ArgumentList.Prepend(info.FileName).Select(word => $"'{word}'"));
        var program = Path.Combine(_folder.FullName, "brokerctl");
        File.WriteAllText(program, $"#!/bin/sh\nexec {words} \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(Path.Combine(_folder.FullName, "notes.txt"), "");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    public static TheoryData<string, string[]> Lines => new()
    {
        { "brokerctl who", ["whoami"] },
        { "brokerctl ledger ver", ["verify", "verify-receipt"] },
        { "brokerctl creds --ro", ["--role"] },
        { "brokerctl creds --format p", ["powershell"] },
        { "brokerctl completions ", ["bash", "fish", "zsh"] },
        { "brokerctl wallet address --", ["--help", "--key"] },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Bash_completes(string line, string[] expected)
    {
        // As readline calls it: the words, where the cursor is, and the function that `complete` names.
        var found = await RunAsync("bash", "--norc", "-c", """
            eval "$(brokerctl completions bash)" || exit 1
            COMP_LINE=$1 COMP_POINT=${#1}
            read -ra COMP_WORDS <<<"$1"
            [[ $1 == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
            name=$(complete -p brokerctl) || exit 1
            [[ $name =~ -F\ ([^ ]+) ]] && "${BASH_REMATCH[1]}"
            printf '%s\n' "${COMPREPLY[@]}"
            """, "bash", line);

        found.ShouldBe(expected, ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Fish_completes(string line, string[] expected)
    {
        var found = await RunAsync(
            "fish", "--no-config", "-c",
            "brokerctl completions fish | source; complete -C $argv[1] | string replace -r '\\t.*' ''; true", line);

        foreach (var one in expected) found.ShouldContain(one);
        found.Length.ShouldBe(expected.Length, string.Join(' ', found));
    }

    /// <summary>In a terminal of its own, for zsh completes nowhere else: TAB, and the screen is read.</summary>
    [Fact]
    public async Task Zsh_completes()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "press.py"), """
            import os, pty, select, sys, time
            pid, terminal = pty.fork()
            if pid == 0:
                os.environ["TERM"] = "dumb"
                os.execvp("zsh", ["zsh", "-f", "-i"])
            said = ""
            def until(text):
                global said
                end = time.time() + 60
                while text not in said:
                    if time.time() > end: print(said); sys.exit(1)
                    if select.select([terminal], [], [], 0.2)[0]:
                        said += os.read(terminal, 4096).decode("utf-8", "replace")
            os.write(terminal, b"autoload -Uz compinit; compinit -u -D\n")
            os.write(terminal, b"eval \"$(brokerctl completions zsh)\"; echo rea''dy\n")
            until("ready")
            os.write(terminal, b"brokerctl who\t")
            until("brokerctl whoami")
            os.write(terminal, b"\x15brokerctl ledger sta\t")
            until("brokerctl ledger stats")
            print("completed")
            """);

        (await RunAsync("python3", Path.Combine(_folder.FullName, "press.py"))).ShouldBe(["completed"]);
    }

    [Fact]
    public async Task Hidden_commands_are_not_offered_and_no_other_shell_is_known()
    {
        var (code, _, _) = await BrokerCtlProcess.RunAsync("", "completions", "tcsh");
        code.ShouldBe(Broker.Cli.Terminal.ExitCode.Misuse);
        var (_, offered, _) = await BrokerCtlProcess.RunAsync("", "[suggest:10]", "brokerctl ");
        offered.ShouldContain("roles");
        offered.ShouldNotContain("serve-credentials");
    }

    private async Task<string[]> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.FullName,
        };
        start.Environment["PATH"] = $"{_folder.FullName}:{start.Environment["PATH"]}";
        start.Environment["HOME"] = _folder.FullName;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, $"{await output}\n{await error}");
        return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
