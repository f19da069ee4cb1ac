using Broker.Cryptography;
using Broker.Foundation.Settings;
using Broker.Ledger;
using Broker.Ledger.Anchors;
using Broker.Ledger.Refusals;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Writing;
using Broker.Storage;

namespace Broker.LedgerHosting;

/// <summary>The ledger as a service of the process: append-only and for ever.</summary>
internal static class HostedLedger
{
    /// <exception cref="BootFailException">The ledger cannot be opened.</exception>
    public static void AddLedger(
        this IServiceCollection services, string path, LedgerFileOptions files, string origin, Ed25519SigningKey key,
        EntryKinds kinds, TimeProvider time, ILedgerAnchor? anchor = null, AnchorOptions? following = null)
    {
        var ledger = Open(path, files, origin, key, kinds, time, anchor, following);
        // By factory, so that the container disposes it: the queue drains at shutdown.
        services.AddSingleton(_ => ledger);
        services.AddSingleton(kinds);
        services.AddSingleton(new DiskReserve(Path.GetDirectoryName(path)!, files.DiskReserve, time));
        services.AddSingleton(provider => new RefusalRecorder(
            provider.GetRequiredService<ReleaseLedger>(), files.Refusals, provider.GetRequiredService<DiskReserve>(),
            time));
    }

    private static ReleaseLedger Open(
        string path, LedgerFileOptions files, string origin, Ed25519SigningKey key, EntryKinds kinds,
        TimeProvider time, ILedgerAnchor? anchor, AnchorOptions? following)
    {
        try
        {
            Directory.CreateDirectory(
                Path.GetDirectoryName(path)!,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var options = new SqliteLedgerOptions
            {
                Path = path,
                Origin = origin,
                Kinds = kinds,
                QueueCapacity = files.QueueCapacity,
                CommitTimeout = files.Timeout,
            };
            return anchor is null
                ? SqliteLedger.Open(options, key, time)
                : SqliteLedger.Open(options, key, anchor, following ?? new AnchorOptions(), time);
        }
        catch (Exception fault) when (fault is LedgerOpenException or IOException or UnauthorizedAccessException)
        {
            throw BootFailException.At(StorageSettings.LedgerDatabase, path,
                $"the ledger cannot be opened: {fault.Message}", fault);
        }
    }
}
