using System.CommandLine;
using Broker.Cli.Terminal;
using Broker.Ledger;
using Broker.Ledger.Sqlite.Copies;
using Broker.Ledger.Notes;
using Broker.Ledger.Verification;

namespace Broker.Cli.Ledger;

/// <summary>
/// <c>brokerctl ledger backup</c> and <c>restore</c>: a verified copy of a ledger, running or not, and the way back;
/// <c>upgrade</c>: a verified copy in the newest form.
/// </summary>
internal static class BackupCommands
{
    public static Command CreateBackup()
    {
        var ledger = LedgerFile.Option();
        var copy = Copy("--to", "where to put the copy; nothing is there yet");
        return Create(
            new("backup", "Copy the ledger, also while it is written, and verify the copy") { ledger, copy },
            LedgerBackup.Copy, source: ledger, target: copy);
    }

    public static Command CreateUpgrade()
    {
        var ledger = LedgerFile.Option();
        var copy = Copy("--to", "where to put the ledger in its newest form; nothing is there yet");
        return Create(
            new("upgrade", "Copy a ledger that no broker writes into the newest form, with the same tree and root")
            {
                ledger, copy,
            },
            LedgerBackup.Upgrade, source: ledger, target: copy);
    }

    public static Command CreateRestore()
    {
        var ledger = LedgerFile.Option();
        var copy = Copy("--from", "a copy that backup made");
        return Create(
            new("restore", "Verify a copy, and put it where a broker will write it and nothing is yet")
            {
                copy, ledger,
            },
            LedgerBackup.Copy, source: copy, target: ledger);
    }

    private static Command Create(Command command, Copying copying, Option<string> source, Option<string> target)
    {
        var trust = new TrustOptions();
        var known = LedgerFile.KnownOption();
        trust.AddTo(command);
        command.Options.Add(known);
        command.SetAction((parsed, stop) => Task.FromResult(Run(
            copying,
            parsed.GetValue(source)!,
            parsed.GetValue(target)!,
            trust.Read(parsed),
            [.. (parsed.GetValue(known) ?? []).Select(KnownCheckpoint.Read)],
            parsed.InvocationConfiguration,
            stop)));
        return command;
    }

    private static int Run(
        Copying copying, string source, string target, Trust? trust, IReadOnlyList<KnownCheckpoint> known,
        InvocationConfiguration streams, CancellationToken stop)
    {
        IReadOnlyList<NoteKey> keys;
        using (var reader = LedgerFile.Open(source)) keys = trust?.KeysOf(reader) ?? reader.OwnKeys();

        // Before a copy is there that the policy would not have.
        var witnessed = trust?.StandingOf(known);
        if (witnessed?.Fault is { } fault)
        {
            PolicyText.WriteOfFile(streams.Error, witnessed);
            streams.Error.WriteLine($"FAILED: {Table.Printable(fault)}; there is no copy");
            return ExitCode.Failed;
        }

        try
        {
            VerificationReport report;
            using (var bar = new ProgressBar(streams.Error, "copying and verifying"))
            {
                report = copying(
                    source, target,
                    new VerificationRequest { Keys = keys, Known = [.. known.Select(one => one.Checkpoint)] },
                    new Relay(bar), stop);
            }

            foreach (var finding in report.Findings)
                streams.Error.WriteLine($"WRONG  {finding.Code}: {finding.Message}");
            if (!report.IsSound)
            {
                streams.Error.WriteLine($"FAILED: {source} was changed or is damaged; there is no copy");
                return ExitCode.Failed;
            }

            streams.Output.WriteLine(
                $"ok: {report.Rows} rows verified, {report.Signatures} of {report.Checkpoints} checkpoints signed, "
                + $"root {report.Root}");
            if (witnessed is not null) PolicyText.WriteOfFile(streams.Output, witnessed);
            return witnessed is { IsUnchecked: true } ? ExitCode.NotAllChecked : ExitCode.Ok;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LedgerOpenException)
        {
            throw new CommandFailedException(e.Message, cause: e);
        }
    }

    private static Option<string> Copy(string name, string description) => new(name)
    {
        Description = description,
        Required = true,
        HelpName = "FILE",
    };

    private delegate VerificationReport Copying(
        string source, string target, VerificationRequest against, IProgress<VerificationProgress>? progress,
        CancellationToken stop);

    private sealed class Relay(ProgressBar bar) : IProgress<VerificationProgress>
    {
        public void Report(VerificationProgress value) => bar.Report(value.RowsDone, value.RowsInAll);
    }
}
