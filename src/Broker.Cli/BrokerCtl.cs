using System.CommandLine;
using Broker.Cli.Terminal;

namespace Broker.Cli;

/// <summary>The command line as a whole: parses, runs one command, and turns the outcome into an exit code.</summary>
internal static class BrokerCtl
{
    /// <summary>How long a command may tidy up after Ctrl-C: <c>dev</c> ends two servers.</summary>
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Runs what the arguments ask for. Output and errors go to the writers that are given. Without a command it prints
    /// the help, and still ends as misuse: a script that forgot the command must not take that for success.
    /// </summary>
    public static async Task<int> RunAsync(
        IReadOnlyList<Command> commands, string[] args, TextWriter output, TextWriter error, CancellationToken stop =
            default)
    {
        var root = new RootCommand("brokerctl: look into Broker's ledger, its proofs and its credentials");
        foreach (var command in commands) root.Subcommands.Add(command);

        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0 && !AsksForCompletions(args))
        {
            if (NamesNoCommand(parsed))
            {
                await root.Parse([.. args, "--help"]).InvokeAsync(new() { Output = output, Error = error }, stop);
                return ExitCode.Misuse;
            }

            foreach (var complaint in parsed.Errors) await error.WriteLineAsync($"brokerctl: {complaint.Message}");
            await error.WriteLineAsync("brokerctl: add --help to see what the command takes");
            return ExitCode.Misuse;
        }

        var settings = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = LongestEnd,
        };
        try
        {
            return await parsed.InvokeAsync(settings, stop);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Failed;
        }
        catch (CommandFailedException e)
        {
            await WriteAsync(error, e, WantsJson(parsed));
            return e.ExitCode;
        }
    }

    /// <summary>The directive <c>[suggest:POSITION]</c>, with a line that is still being typed.</summary>
    private static bool AsksForCompletions(string[] args) =>
        args is [var first, ..] && first.StartsWith("[suggest", StringComparison.Ordinal);

    private static bool WantsJson(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.Any(
            option => option.Name == "--json" && parsed.GetResult(option) is { Implicit: false });

    /// <summary>A line, and the next step on another; with <c>--json</c> both in one object.</summary>
    private static async Task WriteAsync(TextWriter error, CommandFailedException failure, bool json)
    {
        if (json)
        {
            var answer = new FailureAnswer(failure.Message, failure.Code, failure.NextStep, failure.Change);
            JsonOutput.Write(error, answer, FailureJson.Line.FailureAnswer);
            return;
        }

        await error.WriteLineAsync($"brokerctl: {failure.Message}");
        if (failure.NextStep is { } next) await error.WriteLineAsync($"brokerctl: next: {next}");
        if (failure.Change is { } change) await error.WriteLineAsync($"brokerctl: the operator can: {change}");
    }

    /// <summary>A group of commands, and none of them: whoever types that asks what there is.</summary>
    private static bool NamesNoCommand(ParseResult parsed) =>
        parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.UnmatchedTokens.Count == 0;
}
