using Broker.Foundation.Settings;

namespace Broker.Storage;

/// <summary>The two databases. The ledger's is append-only; the state's holds what may be forgotten.</summary>
internal sealed record StorageOptions(string LedgerPath, string StatePath)
{
    public static StorageOptions Read(BootEnvironment boot)
    {
        var folder = boot.Read(StorageSettings.DataDirectory);
        var ledger = boot.ReadOptional(StorageSettings.LedgerDatabase) ?? Path.Combine(folder, "audit.sqlite");
        var state = boot.ReadOptional(StorageSettings.StateDatabase) ?? Path.Combine(folder, "broker.sqlite");
        return ledger != state
            ? new StorageOptions(ledger, state)
            : throw BootFailException.At(
                boot.IsSet(StorageSettings.StateDatabase)
                    ? StorageSettings.StateDatabase
                    : StorageSettings.LedgerDatabase,
                state, "must not be one file for the ledger and the state");
    }
}
