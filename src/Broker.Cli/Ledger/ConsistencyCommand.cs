using System.CommandLine;
using Broker.Cli.Terminal;

namespace Broker.Cli.Ledger;

/// <summary><c>brokerctl ledger consistency</c>: that one tree is the beginning of another.</summary>
internal static class ConsistencyCommand
{
    public static Command Create()
    {
        var oldSize = new Argument<long>("OLD") { Description = "the smaller tree size" };
        var newSize = new Argument<long>("NEW") { Description = "the greater tree size" };
        var file = LedgerFile.Option();
        var json = LedgerFile.JsonOption();
        var command =
            new Command("consistency", "Print the proof that the tree of size OLD is the beginning of that of size NEW")
        {
            oldSize, newSize, file, json,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(oldSize), parsed.GetValue(newSize), parsed.GetValue(file)!, parsed.GetValue(json),
            parsed.InvocationConfiguration.Output));
        return command;
    }

    private static int Run(long oldSize, long newSize, string path, bool json, TextWriter output)
    {
        using var reader = LedgerFile.Open(path);
        var proof = reader.Consistency(oldSize, newSize) ?? throw new CommandFailedException(
            $"sizes must be 0 ≤ OLD ≤ NEW ≤ {reader.Size()}", ExitCode.Misuse);
        if (json)
        {
            var answer = new ConsistencyAnswer(
                proof.Holds,
                proof.OldSize,
                proof.OldRoot.ToBase64(),
                proof.NewSize,
                proof.NewRoot.ToBase64(),
                [.. proof.Path.Select(hash => hash.ToBase64())]);
            JsonOutput.Write(output, answer, LedgerJson.Indented.ConsistencyAnswer);
        }
        else
        {
            output.WriteLine($"old {proof.OldSize} {proof.OldRoot.ToBase64()}");
            output.WriteLine($"new {proof.NewSize} {proof.NewRoot.ToBase64()}");
            foreach (var hash in proof.Path) output.WriteLine(hash.ToBase64());
        }

        return proof.Holds ? ExitCode.Ok : ExitCode.Failed;
    }
}
