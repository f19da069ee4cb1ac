using System.CommandLine;
using Broker.Cli.Terminal;
using Broker.Ledger.Notes;
using Broker.Ledger.Verification;

namespace Broker.Cli.Ledger;

/// <summary><c>brokerctl ledger verify</c>: the whole file, from its rows up.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var file = LedgerFile.Option();
        var vkeys = LedgerFile.VkeyOption(required: false);
        var json = LedgerFile.JsonOption();
        var known = LedgerFile.KnownOption();
        var command =
            new Command("verify", "Check every row, the tree, the triggers and every checkpoint; name what is wrong")
        {
            file, vkeys, known, json,
        };
        command.SetAction((parsed, stop) => Task.FromResult(Run(
            parsed.GetValue(file)!,
            new VerificationRequest
            {
                Keys = [.. (parsed.GetValue(vkeys) ?? []).Select(LedgerFile.ParseVkey)],
                Known = [.. (parsed.GetValue(known) ?? []).Select(LedgerFile.ReadCheckpoint)],
            },
            parsed.GetValue(json),
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error,
            stop)));
        return command;
    }

    private static int Run(
        string path, VerificationRequest request, bool json, TextWriter output, TextWriter error,
        CancellationToken stop)
    {
        // Says what is amiss with the path before anything long begins.
        using var reader = LedgerFile.Open(path);
        var isKeyGiven = request.Keys.Count > 0;
        if (!isKeyGiven) request = request with { Keys = reader.OwnKeys() };

        VerificationReport report;
        using (var bar = new ProgressBar(error, "verifying"))
        {
            report = LedgerVerifier.Run(reader, request, new Relay(bar), stop);
        }

        var source = isKeyGiven ? KeySource.Given : request.Keys.Count > 0 ? KeySource.Ledger : KeySource.None;
        if (json) Print(report, source, output);
        else Print(report, source, request.Keys, output);
        if (!report.IsSound) return ExitCode.Failed;
        return source == KeySource.None && report.Checkpoints > 0 ? ExitCode.NotAllChecked : ExitCode.Ok;
    }

    private enum KeySource
    {
        None,
        Ledger,
        Given,
    }

    private static void Print(VerificationReport report, KeySource source, TextWriter output)
    {
        var answer = new VerificationAnswer(
            report.IsSound,
            report.Rows,
            report.Tiles,
            report.Checkpoints,
            report.Signatures,
            source switch
            {
                KeySource.Given => "given",
                KeySource.Ledger => "self_asserted",
                _ => "none",
            },
            report.Root,
            report.Findings,
            report.MoreFindings);
        JsonOutput.Write(output, answer, LedgerJson.Indented.VerificationAnswer);
    }

    private static void Print(
        VerificationReport report, KeySource source, IReadOnlyList<NoteKey> keys, TextWriter output)
    {
        foreach (var finding in report.Findings) output.WriteLine($"WRONG  {finding.Code}: {finding.Message}");
        if (report.MoreFindings > 0) output.WriteLine($"WRONG  and {report.MoreFindings} more");
        output.WriteLine(
            $"{report.Rows} rows, {report.Tiles} full tiles, {report.Checkpoints} checkpoints, root {report.Root}");
        output.WriteLine(source switch
        {
            KeySource.None => "signatures: NOT CHECKED, the ledger names no key of its own; give --vkey",
            KeySource.Given => $"signatures: {report.Signatures} of {report.Checkpoints} by the given key",
            _ => $"signatures: {report.Signatures} of {report.Checkpoints} by the key that the ledger itself names",
        });
        if (source == KeySource.Ledger)
        {
            output.WriteLine(
                $"WARNING: that key is self-asserted: {string.Join(", ", keys)}; whoever can write the file could have " +
                "made it anew with a key of their own; compare it with /ledger/vkey, or give --vkey");
        }

        output.WriteLine(
            report.IsSound ? "ok: rows, tree and checkpoints agree" : "FAILED: the ledger was changed or is damaged");
    }

    private sealed class Relay(ProgressBar bar) : IProgress<VerificationProgress>
    {
        public void Report(VerificationProgress value) => bar.Report(value.RowsDone, value.RowsInAll);
    }
}
