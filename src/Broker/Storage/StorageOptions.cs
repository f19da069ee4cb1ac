using Broker.Foundation.Settings;
using Broker.Ledger.Sqlite;
using Broker.Modules;
using FluentValidation;

namespace Broker.Storage;

/// <summary>
/// The folder of our files, and the two databases. The ledger's is append-only; the state's holds what may be
/// forgotten.
/// </summary>
internal sealed record StorageOptions(string DataFolder, string LedgerPath, string StatePath)
{
    public static StorageOptions Read(BootEnvironment boot)
    {
        var folder = boot.Read(StorageSettings.DataDirectory);
        var ledger = boot.ReadOptional(StorageSettings.LedgerDatabase) ?? Path.Combine(folder, "audit.sqlite");
        var state = boot.ReadOptional(StorageSettings.StateDatabase) ?? Path.Combine(folder, "broker.sqlite");
        var named = boot.IsSet(StorageSettings.StateDatabase)
            ? StorageSettings.StateDatabase
            : StorageSettings.LedgerDatabase;
        return new StorageOptions(folder, ledger, state).Obeying(new Rules(named));
    }

    private sealed class Rules : AbstractValidator<StorageOptions>
    {
        public Rules(Setting named) => RuleFor(options => options.StatePath)
            .Must((options, state) => state != options.LedgerPath && state != SqliteLedger.IndexOf(options.LedgerPath))
            .WithMessage("must not be one file for the ledger or its index and the state")
            .At(named, options => options.StatePath);
    }
}
