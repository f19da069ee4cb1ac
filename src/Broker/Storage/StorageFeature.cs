using Broker.Configuration;
using Broker.Cryptography;
using Broker.Ledger;
using Broker.SigningKeys;

namespace Broker.Storage;

/// <summary>
/// The two databases: the ledger, append-only and for ever, and the state, for as long as it matters.
/// </summary>
internal static class StorageFeature
{
    /// <exception cref="BootFailException">One of them cannot be opened.</exception>
    public static void AddStorage(this IServiceCollection services, BrokerOptions options, LoadedKeys keys, TimeProvider time)
    {
        services.AddLedger(options.Ledger, LedgerOrigin.Of(options.Issuer), keys.Ledger, time);
        services.AddSingleton(StateDatabase.Open(options.Ledger.StatePath));
        services.AddHostedService<StateCleaning>();
    }

    /// <exception cref="BootFailException">The ledger cannot be opened.</exception>
    public static void AddLedger(
        this IServiceCollection services, LedgerFileOptions files, string origin, Ed25519SigningKey key, TimeProvider time)
    {
        var ledger = OpenLedger(files, origin, key, time);
        services.AddSingleton(_ => ledger); // by factory, so that the container disposes it: the queue drains at shutdown
    }

    private static ReleaseLedger OpenLedger(LedgerFileOptions files, string origin, Ed25519SigningKey key, TimeProvider time)
    {
        var path = files.LedgerPath;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return ReleaseLedger.Open(
                new LedgerOptions
                {
                    Path = path,
                    Origin = origin,
                    QueueCapacity = files.QueueCapacity,
                    CommitTimeout = files.Timeout,
                },
                key,
                time);
        }
        catch (Exception fault) when (fault is LedgerOpenException or IOException or UnauthorizedAccessException)
        {
            throw BootFailException.At(Settings.LedgerDatabase, path, $"the ledger cannot be opened: {fault.Message}", fault);
        }
    }
}
