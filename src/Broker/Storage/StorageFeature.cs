using Broker.Configuration;
using Broker.Cryptography;
using Broker.Ledger;
using Broker.Ledger.Anchors;
using Broker.Ledger.Refusals;
using Broker.SigningKeys;

namespace Broker.Storage;

/// <summary>
/// The two databases: the ledger, append-only and for ever, and the state, for as long as it matters.
/// </summary>
internal static class StorageFeature
{
    /// <exception cref="BootFailException">One of them cannot be opened.</exception>
    public static void AddStorage(
        this IServiceCollection services, BrokerOptions options, LoadedKeys keys, TimeProvider time)
    {
        var anchor = options.Audit.S3 is { } s3 ? S3Anchor.Connect(s3, options.Aws.Keys, time) : null;
        services.AddLedger(
            options.Ledger, LedgerOrigin.Of(options.Issuer), keys.Ledger, time, anchor, options.Audit.S3?.Following);
        services.AddSingleton(StateDatabase.Open(options.Ledger.StatePath));
        services.AddSingleton<ExpiryHorizon>();
        services.AddHostedService<StateCleaning>();
    }

    /// <exception cref="BootFailException">The ledger cannot be opened.</exception>
    public static void AddLedger(
        this IServiceCollection services, LedgerFileOptions files, string origin, Ed25519SigningKey key,
        TimeProvider time, ILedgerAnchor? anchor = null, AnchorOptions? following = null)
    {
        var ledger = OpenLedger(files, origin, key, time, anchor, following);
        // By factory, so that the container disposes it: the queue drains at shutdown.
        services.AddSingleton(_ => ledger);
        services.AddSingleton(new DiskReserve(Path.GetDirectoryName(files.LedgerPath)!, files.DiskReserve, time));
        services.AddSingleton(provider => new RefusalRecorder(
            provider.GetRequiredService<ReleaseLedger>(), files.Refusals, provider.GetRequiredService<DiskReserve>(),
            time));
    }

    private static ReleaseLedger OpenLedger(
        LedgerFileOptions files, string origin, Ed25519SigningKey key, TimeProvider time, ILedgerAnchor? anchor,
        AnchorOptions? following)
    {
        var path = files.LedgerPath;
        try
        {
            Directory.CreateDirectory(
                Path.GetDirectoryName(path)!,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var options = new LedgerOptions
            {
                Path = path,
                Origin = origin,
                QueueCapacity = files.QueueCapacity,
                CommitTimeout = files.Timeout,
            };
            return anchor is null
                ? ReleaseLedger.Open(options, key, time)
                : ReleaseLedger.Open(options, key, anchor, following ?? new AnchorOptions(), time);
        }
        catch (Exception fault) when (fault is LedgerOpenException or IOException or UnauthorizedAccessException)
        {
            throw BootFailException.At(Settings.LedgerDatabase, path,
                $"the ledger cannot be opened: {fault.Message}", fault);
        }
    }
}
