using System.CommandLine;

namespace Broker.Cli.Ledger;

/// <summary><c>brokerctl ledger</c>: what anyone who holds the file, or only a receipt, can check.</summary>
internal static class LedgerCommands
{
    public static Command Create() => new("ledger", "Check and read the ledger; no command changes it")
    {
        VerifyCommand.Create(),
        VerifyReceiptCommand.Create(),
        ProveCommand.Create(),
        ConsistencyCommand.Create(),
        ListCommand.Create(),
        ExportCommand.Create(),
        TailCommand.Create(),
        StatsCommand.Create(),
        BackupCommands.CreateBackup(),
        BackupCommands.CreateRestore(),
        BackupCommands.CreateUpgrade(),
        PolicyCommand.Create(),
        WitnessCommand.Create(),
    };
}
