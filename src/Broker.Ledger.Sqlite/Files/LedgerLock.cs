using System.Globalization;

namespace Broker.Ledger.Sqlite.Files;

/// <summary>
/// Says that this process, and no other, writes the ledger: advisory locks on <c>&lt;ledger&gt;.lock</c> and on the
/// ledger's file itself, which the kernel lets go of when the process ends, however it ends. The second one holds
/// under every name of the file. Readers take no notice of either.
/// </summary>
/// <remarks>
/// <c>&lt;ledger&gt;.pid</c> beside it holds the process id in decimal. A file of its own, because the framework
/// refuses to read one that is locked; it means something only while the lock is held.
/// </remarks>
internal sealed class LedgerLock : IDisposable
{
    private readonly FileStream _named;
    private readonly FileStream? _ledger;

    private LedgerLock(FileStream named, FileStream? ledger)
    {
        _named = named;
        _ledger = ledger;
    }

    /// <summary>Takes both locks; creates the ledger's file, empty, where there is none.</summary>
    /// <exception cref="LedgerOpenException">Another process holds a lock; the message names it.</exception>
    public static LedgerLock Take(string ledgerPath)
    {
        var real = LedgerPath.Resolve(ledgerPath);
        var named = TakeNamed(real);
        try
        {
            // First the ledger by its name, which needs no handle of its file: closing one lets go of all locks that
            // SQLite has on the file in this process.
            var taken = new LedgerLock(named, TakeLedger(real));
            NameHolder(real + ".pid");
            return taken;
        }
        catch (LedgerOpenException)
        {
            named.Dispose();
            throw;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            named.Dispose();
            throw LedgerOpenException.For(real + ".lock", e);
        }
    }

    public void Dispose()
    {
        _ledger?.Dispose();
        _named.Dispose();
    }

    // A full disk has no room for the number; the lock holds without it.
    private static void NameHolder(string path)
    {
        try
        {
            using var holder = new StreamWriter(OpenOwn(path, FileMode.Create, FileShare.Read));
            holder.Write(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch (IOException e) when (LedgerOpenException.IsFullDisk(e))
        {
        }
    }

    private static FileStream TakeNamed(string ledgerPath)
    {
        var path = ledgerPath + ".lock";
        try
        {
            return OpenOwn(path, FileMode.OpenOrCreate, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var isLocked = e is IOException and not (DirectoryNotFoundException or FileNotFoundException)
                && !LedgerOpenException.IsFullDisk(e);
            throw isLocked && HolderOf(ledgerPath + ".pid") is { } holder
                ? new LedgerOpenException(LedgerOpenFault.InUse, $"\"{ledgerPath}\" is written by process {holder}", e)
                : LedgerOpenException.For(path, e);
        }
    }

    private static FileStream? TakeLedger(string path)
    {
        if (!OperatingSystem.IsLinux()) return null;
        FileStream file;
        try
        {
            file = OpenOwn(path, FileMode.OpenOrCreate, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (UnauthorizedAccessException)
        {
            // A file that cannot be written is not locked either: opening it as a ledger says why it cannot be one.
            return null;
        }

        if (OpenFileLock.TryTake(file.SafeFileHandle)) return file;
        file.Dispose();
        throw new LedgerOpenException(LedgerOpenFault.InUse,
            $"\"{path}\" is written by another process, which opened it under another name (link) of the same file");
    }

    private static FileStream OpenOwn(string path, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private static string? HolderOf(string path)
    {
        try
        {
            var text = File.ReadAllText(path);
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? text : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
