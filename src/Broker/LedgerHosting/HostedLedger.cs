using Broker.Foundation.Settings;
using Broker.Ledger;
using Broker.Ledger.Anchors;
using Broker.Ledger.Notes;
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
        this IServiceCollection services, string path, LedgerFileOptions files, CheckpointSigners signers,
        EntryKinds kinds, TimeProvider time, ILedgerAnchor? anchor = null, AnchorOptions? following = null)
    {
        services.AddLedger(Open(path, files, signers, kinds, time, anchor, following), path, files, kinds, time);
    }

    /// <summary>One that is open already.</summary>
    public static void AddLedger(
        this IServiceCollection services, ReleaseLedger ledger, string path, LedgerFileOptions files, EntryKinds kinds,
        TimeProvider time)
    {
        // By factory, so that the container disposes it: the queue drains at shutdown.
        services.AddSingleton(_ => ledger);
        services.AddSingleton(kinds);
        services.AddSingleton(new DiskReserve(Path.GetDirectoryName(path)!, files.DiskReserve, time));
        services.AddSingleton(provider => new RefusalRecorder(
            provider.GetRequiredService<ReleaseLedger>(), files.Refusals, provider.GetRequiredService<DiskReserve>(),
            time));
    }

    /// <exception cref="BootFailException">The ledger cannot be opened.</exception>
    public static ReleaseLedger Open(
        string path, LedgerFileOptions files, CheckpointSigners signers, EntryKinds kinds, TimeProvider time,
        ILedgerAnchor? anchor, AnchorOptions? following)
    {
        try
        {
            Directory.CreateDirectory(
                Path.GetDirectoryName(path)!,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var options = new SqliteLedgerOptions
            {
                Path = path,
                Origin = signers.VerifierKey.Name,
                Kinds = kinds,
                QueueCapacity = files.QueueCapacity,
                CommitTimeout = files.Timeout,
            };
            return anchor is null
                ? SqliteLedger.Open(options, signers, time)
                : SqliteLedger.Open(options, signers, anchor, following ?? new AnchorOptions(), time);
        }
        catch (Exception fault) when (fault is LedgerOpenException or IOException or UnauthorizedAccessException)
        {
            throw BootFailException.At(StorageSettings.LedgerDatabase, path,
                $"the ledger cannot be opened: {fault.Message}", fault);
        }
    }
}
