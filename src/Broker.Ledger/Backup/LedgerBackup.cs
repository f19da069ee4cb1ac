using Broker.Foundation;
using Broker.Ledger.Reading;
using Broker.Ledger.Storage;
using Broker.Ledger.Verification;

namespace Broker.Ledger.Backup;

/// <summary>
/// Copies a ledger as it was at one moment, while a process goes on writing it; and a copy back to where a process will
/// write it. A copy takes its name only after all of it was verified and is on the disk.
/// </summary>
public static class LedgerBackup
{
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Copies <paramref name="source"/> to <paramref name="target"/>, mode 0600, and verifies the copy. Where a finding
    /// says that it is not sound there is no copy.
    /// </summary>
    /// <param name="source">The ledger, or a copy of one.</param>
    /// <param name="target">A name that is not taken, in a folder that is there.</param>
    /// <param name="against">What to verify the copy against; its path is the copy's.</param>
    /// <returns>What the verification saw.</returns>
    /// <exception cref="LedgerOpenException">There is no ledger at the source.</exception>
    /// <exception cref="IOException">The name is taken, or the disk refuses; nothing is left behind.</exception>
    public static VerificationReport Copy(
        string source, string target, VerificationRequest against, IProgress<VerificationProgress>? progress,
        CancellationToken stop)
    {
        target = Path.GetFullPath(target);
        foreach (var taken in (string[])[target, target + "-wal"])
        {
            if (File.Exists(taken)) throw new IOException($"{taken} exists already");
        }

        var unfinished = Unfinished(target);
        try
        {
            CopyPages(source, unfinished, progress, stop);
            var report = LedgerVerifier.Run(against with { Path = unfinished }, progress, stop);
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

    private static void CopyPages(
        string source, string target, IProgress<VerificationProgress>? progress, CancellationToken stop)
    {
        // Says what is wrong with the path in the words of every reader.
        LedgerReader.Open(source).Dispose();
        try
        {
            using var from = SqliteDatabase.OpenForReading(source, BusyTimeout);
            using var to = SqliteDatabase.OpenForWriting(target, BusyTimeout);
            from.CopyTo(to, (done, all) => progress?.Report(new VerificationProgress(done, all)), stop);
        }
        catch (SqliteFailure fault)
        {
            throw new IOException($"\"{source}\" cannot be copied: {fault.Message}", fault);
        }
    }
}
