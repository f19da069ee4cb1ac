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
        var trust = new TrustOptions();
        var json = LedgerFile.JsonOption();
        var known = LedgerFile.KnownOption();
        var command =
            new Command("verify", "Check every row, the tree, the triggers and every checkpoint; name what is wrong")
        {
            file, known, json,
        };
        trust.AddTo(command);
        command.SetAction((parsed, stop) => Task.FromResult(Run(
            parsed.GetValue(file)!,
            trust.Read(parsed),
            [.. (parsed.GetValue(known) ?? []).Select(KnownCheckpoint.Read)],
            parsed.GetValue(json),
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error,
            stop)));
        return command;
    }

    private static int Run(
        string path, Trust? trust, IReadOnlyList<KnownCheckpoint> known, bool json, TextWriter output,
        TextWriter error, CancellationToken stop)
    {
        // Says what is amiss with the path before anything long begins.
        using var reader = LedgerFile.Open(path);
        var request = new VerificationRequest
        {
            Keys = trust?.KeysOf(reader) ?? reader.OwnKeys(),
            Known = [.. known.Select(one => one.Checkpoint)],
        };
        var witnessed = trust?.StandingOf(known);

        VerificationReport report;
        using (var bar = new ProgressBar(error, "verifying"))
        {
            report = LedgerVerifier.Run(reader, request, new Relay(bar), stop);
        }

        var source = trust is not null ? KeySource.Given : request.Keys.Count > 0 ? KeySource.Ledger : KeySource.None;
        if (json) Print(report, source, witnessed, output);
        else Print(report, source, request.Keys, witnessed, output);
        if (!report.IsSound || witnessed?.Fault is not null) return ExitCode.Failed;
        return (source == KeySource.None && report.Checkpoints > 0) || witnessed is { IsUnchecked: true }
            ? ExitCode.NotAllChecked
            : ExitCode.Ok;
    }

    private enum KeySource
    {
        None,
        Ledger,
        Given,
    }

    private static void Print(
        VerificationReport report, KeySource source, PolicyAnswer? witnessed, TextWriter output)
    {
        var answer = new VerificationAnswer(
            report.IsSound && witnessed?.Fault is null,
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
            report.MoreFindings,
            witnessed);
        JsonOutput.Write(output, answer, LedgerJson.Indented.VerificationAnswer);
    }

    private static void Print(
        VerificationReport report, KeySource source, IReadOnlyList<NoteKey> keys, PolicyAnswer? witnessed,
        TextWriter output)
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

        if (witnessed is not null) PolicyText.WriteOfFile(output, witnessed);
        output.WriteLine(
            !report.IsSound ? "FAILED: the ledger was changed or is damaged"
            : witnessed?.Fault is not null ? "FAILED: no checkpoint that was given satisfies the policy"
            : "ok: rows, tree and checkpoints agree");
    }

    private sealed class Relay(ProgressBar bar) : IProgress<VerificationProgress>
    {
        public void Report(VerificationProgress value) => bar.Report(value.RowsDone, value.RowsInAll);
    }
}
