using System.Globalization;

namespace Broker.Ledger.Writing;

/// <summary>
/// Says that this process, and no other, writes the ledger: an advisory lock on <c>&lt;ledger&gt;.lock</c>, which
/// the kernel lets go of when the process ends, however it ends. Readers take no notice of it.
/// </summary>
/// <remarks>
/// <c>&lt;ledger&gt;.pid</c> beside it holds the process id in decimal. A file of its own, because the framework
/// refuses to read one that is locked; it means something only while the lock is held.
/// </remarks>
internal sealed class LedgerLock : IDisposable
{
    private readonly FileStream _file;

    private LedgerLock(FileStream file) => _file = file;

    /// <exception cref="LedgerOpenException">Another process holds the lock; the message names it.</exception>
    public static LedgerLock Take(string ledgerPath)
    {
        var path = ledgerPath + ".lock";
        var holderPath = ledgerPath + ".pid";
        FileStream? file = null;
        try
        {
            file = OpenOwn(path, FileMode.OpenOrCreate, FileShare.None);
            using var holder = new StreamWriter(OpenOwn(holderPath, FileMode.Create, FileShare.Read));
            holder.Write(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new LedgerLock(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var isLocked = file is null
                && e is IOException and not (DirectoryNotFoundException or FileNotFoundException);
            file?.Dispose();
            throw isLocked && HolderOf(holderPath) is { } holder
                ? new LedgerOpenException(LedgerOpenFault.InUse, $"\"{ledgerPath}\" is written by process {holder}", e)
                : new LedgerOpenException(LedgerOpenFault.NotWritable, $"\"{path}\" cannot be locked: {e.Message}", e);
        }
    }

    public void Dispose() => _file.Dispose();

    private static FileStream OpenOwn(string path, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = share };
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
