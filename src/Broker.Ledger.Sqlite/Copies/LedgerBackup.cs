using Broker.Foundation;
using Broker.Ledger.Sqlite.Connections;
using Broker.Ledger.Sqlite.Files;
using Broker.Ledger.Sqlite.Log;
using Broker.Ledger.Verification;

namespace Broker.Ledger.Sqlite.Copies;

/// <summary>
/// Copies a ledger as it was at one moment, while a process goes on writing it; and a copy back to where a process will
/// write it. A copy takes its name only after all of it was verified and is on the disk.
/// </summary>
public static class LedgerBackup
{
    /// <summary>
    /// Copies <paramref name="source"/> to <paramref name="target"/>, mode 0600, and verifies the copy. Where a finding
    /// says that it is not sound there is no copy.
    /// </summary>
    /// <param name="source">The ledger, or a copy of one.</param>
    /// <param name="target">A name that is not taken, in a folder that is there.</param>
    /// <param name="against">What to verify the copy against.</param>
    /// <returns>What the verification saw.</returns>
    /// <exception cref="LedgerOpenException">There is no ledger at the source.</exception>
    /// <exception cref="IOException">The name is taken, or the disk refuses; nothing is left behind.</exception>
    public static VerificationReport Copy(
        string source, string target, VerificationRequest against, IProgress<VerificationProgress>? progress,
        CancellationToken stop) => Copy(source, target, version: null, against, progress, stop);

    /// <summary>
    /// The same into the newest form of the file, with the same rows, tree and checkpoints. No process may write the
    /// source meanwhile: what it wrote would be missing.
    /// </summary>
    /// <exception cref="LedgerOpenException">There is no ledger at the source, or a process writes it.</exception>
    /// <exception cref="IOException">
    /// It has the newest form already; or the name is taken, or the disk refuses. Nothing is left behind.
    /// </exception>
    public static VerificationReport Upgrade(
        string source, string target, VerificationRequest against, IProgress<VerificationProgress>? progress,
        CancellationToken stop)
    {
        using var alone = LedgerLock.Take(source);
        if (VersionOf(source) == SqliteLedgerSchema.Version)
            throw new IOException($"{source} has the newest form already");
        return Copy(source, target, SqliteLedgerSchema.Version, against, progress, stop);
    }

    private static VerificationReport Copy(
        string source, string target, long? version, VerificationRequest against,
        IProgress<VerificationProgress>? progress, CancellationToken stop)
    {
        target = Path.GetFullPath(target);
        foreach (var taken in (string[])[target, target + "-wal"])
        {
            if (File.Exists(taken)) throw new IOException($"{taken} exists already");
        }

        var unfinished = Unfinished(target);
        try
        {
            CopyRows(source, unfinished, version, progress, stop);
            VerificationReport report;
            using (var copy = SqliteLedger.OpenReader(unfinished))
                report = LedgerVerifier.Run(copy, against, progress, stop);
            if (report.IsSound) DurableFile.Adopt(unfinished, target);
            return report;
        }
        finally
        {
            foreach (var part in (string[])[unfinished, unfinished + "-wal", unfinished + "-shm"]) File.Delete(part);
        }
    }

    // Made before SQLite opens it, so that it has its mode from the first byte.
    private static string Unfinished(string target)
    {
        var path = Path.Combine(
            Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Guid.NewGuid():n}");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = DurableFile.OwnerOnly,
        };
        using var file = new FileStream(path, options);
        return path;
    }

    private static void CopyRows(
        string source, string target, long? version, IProgress<VerificationProgress>? progress, CancellationToken stop)
    {
        // Says what is wrong with the path in the words of every reader.
        SqliteLedger.OpenReader(source).Dispose();
        try
        {
            LedgerCopy.Run(source, target, version, progress, stop);
        }
        catch (SqliteFailure fault)
        {
            throw new IOException($"\"{source}\" cannot be copied: {fault.Message}", fault);
        }
    }

    private static long VersionOf(string path)
    {
        using var database = SqliteDatabase.OpenForReading(path, TimeSpan.FromSeconds(5));
        return database.ReadInteger("PRAGMA user_version") ?? 0;
    }
}
