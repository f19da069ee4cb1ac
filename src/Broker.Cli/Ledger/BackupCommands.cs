using System.CommandLine;
using Broker.Cli.Terminal;
using Broker.Ledger;
using Broker.Ledger.Backup;
using Broker.Ledger.Notes;
using Broker.Ledger.Verification;

namespace Broker.Cli.Ledger;

/// <summary>
/// <c>brokerctl ledger backup</c> and <c>restore</c>: a verified copy of a ledger, running or not, and the way back.
/// </summary>
internal static class BackupCommands
{
    public static Command CreateBackup()
    {
        var ledger = LedgerFile.Option();
        var copy = Copy("--to", "where to put the copy; nothing is there yet");
        return Create(
            new("backup", "Copy the ledger, also while it is written, and verify the copy") { ledger, copy },
            source: ledger, target: copy);
    }

    public static Command CreateRestore()
    {
        var ledger = LedgerFile.Option();
        var copy = Copy("--from", "a copy that backup made");
        return Create(
            new("restore", "Verify a copy, and put it where a broker will write it and nothing is yet") { copy, ledger },
            source: copy, target: ledger);
    }

    private static Command Create(Command command, Option<string> source, Option<string> target)
    {
        var vkeys = LedgerFile.VkeyOption(required: false);
        var known = LedgerFile.KnownOption();
        command.Options.Add(vkeys);
        command.Options.Add(known);
        command.SetAction((parsed, stop) => Task.FromResult(Run(
            parsed.GetValue(source)!,
            parsed.GetValue(target)!,
            [.. (parsed.GetValue(vkeys) ?? []).Select(LedgerFile.ParseVkey)],
            [.. (parsed.GetValue(known) ?? []).Select(LedgerFile.ReadCheckpoint)],
            parsed.InvocationConfiguration,
            stop)));
        return command;
    }

    private static int Run(
        string source, string target, IReadOnlyList<NoteKey> keys, IReadOnlyList<Checkpoint> known,
        InvocationConfiguration streams, CancellationToken stop)
    {
        using (var reader = LedgerFile.Open(source))
        {
            if (keys.Count == 0) keys = reader.OwnKeys();
        }

        try
        {
            VerificationReport report;
            using (var bar = new ProgressBar(streams.Error, "copying and verifying"))
            {
                report = LedgerBackup.Copy(
                    source, target, new VerificationRequest { Path = source, Keys = keys, Known = known },
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
            return ExitCode.Ok;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or LedgerOpenException)
        {
            throw new CommandFailedException(fault.Message, cause: fault);
        }
    }

    private static Option<string> Copy(string name, string description) => new(name)
    {
        Description = description,
        Required = true,
        HelpName = "FILE",
    };

    private sealed class Relay(ProgressBar bar) : IProgress<VerificationProgress>
    {
        public void Report(VerificationProgress value) => bar.Report(value.RowsDone, value.RowsInAll);
    }
}
