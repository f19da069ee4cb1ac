using System.Diagnostics;

namespace Broker.Cli.Tests.Manual;

/// <summary><c>brokerctl man</c>, as the readers of manual pages take it.</summary>
public sealed class ManTests
{
    [Fact]
    public async Task Every_command_and_option_is_in_the_page()
    {
        var page = await PageAsync();

        foreach (var part in (string[])
            [
                ".SS \"run COMMAND\"", ".SS \"ledger verify\"", ".SS \"setup aws\"", "\\fB\\-\\-broker\\-url URL\\fR",
                "\\fB\\-\\-serve\\fR", "AGENTKEYS_SESSION_TOKEN", ".SH EXIT STATUS",
            ])
        {
            page.ShouldContain(part);
        }

        page.ShouldNotContain("serve\\-credentials");
    }

    /// <summary>By groff, and more strictly by mandoc.</summary>
    [Fact]
    public async Task Readers_of_manual_pages_find_no_fault()
    {
        var page = await PageAsync();

        var (code, shown, warnings) = await RunAsync("man", ["--warnings=all", "-l", "-"], page);
        code.ShouldBe(0, warnings);
        warnings.ShouldBeEmpty();
        shown.ShouldContain("brokerctl run --role vault -- aws s3 ls");
        var (lint, said, _) = await RunAsync("mandoc", ["-T", "lint", "-W", "warning"], page);
        lint.ShouldBe(0, said);
    }

    private static async Task<string> PageAsync()
    {
        var (code, output, error) = await BrokerCtlProcess.RunAsync("", "man");
        code.ShouldBe(0, error);
        return output;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(
        string program, string[] arguments, string input)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MANPAGER"] = "cat";
        start.Environment["MANWIDTH"] = "120";
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
