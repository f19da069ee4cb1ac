using Broker.Configuration;
using Broker.Ledger;
using Broker.SigningKeys;

namespace Broker.Storage;

/// <summary>The two databases: the ledger, append-only and for ever, and the state, for as long as it matters.</summary>
internal static class StorageFeature
{
    /// <exception cref="BootFailException">One of them cannot be opened.</exception>
    public static void AddStorage(this IServiceCollection services, BrokerOptions options, LoadedKeys keys, TimeProvider time)
    {
        var ledger = OpenLedger(options, keys, time);
        services.AddSingleton(_ => ledger); // by factory, so that the container disposes it: the queue drains at shutdown
        services.AddSingleton(StateDatabase.Open(options.Ledger.StatePath));
        services.AddHostedService<StateCleaning>();
    }

    private static ReleaseLedger OpenLedger(BrokerOptions options, LoadedKeys keys, TimeProvider time)
    {
        var path = options.Ledger.LedgerPath;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return ReleaseLedger.Open(
                new LedgerOptions
                {
                    Path = path,
                    Origin = $"{options.Issuer.Authority}/ledger",
                    QueueCapacity = options.Ledger.QueueCapacity,
                    CommitTimeout = options.Ledger.Timeout,
                },
                keys.Ledger,
                time);
        }
        catch (Exception fault) when (fault is LedgerOpenException or IOException or UnauthorizedAccessException)
        {
            throw BootFailException.At(Settings.LedgerDatabase, path, $"the ledger cannot be opened: {fault.Message}", fault);
        }
    }
}
