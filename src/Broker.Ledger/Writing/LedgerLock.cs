using System.Globalization;
using System.Text;

namespace Broker.Ledger.Writing;

/// <summary>
/// Says that this process, and no other, writes the ledger: an advisory lock on <c>&lt;ledger&gt;.lock</c>, which
/// the kernel lets go of when the process ends, however it ends. The file holds the process id in decimal.
/// Readers take no notice of it.
/// </summary>
internal sealed class LedgerLock : IDisposable
{
    private readonly FileStream _file;

    private LedgerLock(FileStream file) => _file = file;

    /// <exception cref="LedgerOpenException">Another process holds the lock; the message names it.</exception>
    public static LedgerLock Take(string ledgerPath)
    {
        var path = ledgerPath + ".lock";
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        FileStream file;
        try
        {
            file = new FileStream(path, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw HolderOf(path) is { } holder
                ? new LedgerOpenException(LedgerOpenFault.InUse, $"\"{ledgerPath}\" is written by process {holder}", e)
                : new LedgerOpenException(LedgerOpenFault.NotWritable, $"\"{path}\" cannot be locked: {e.Message}", e);
        }

        file.SetLength(0);
        file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n")));
        return new LedgerLock(file);
    }

    public void Dispose() => _file.Dispose();

    private static string? HolderOf(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            var text = reader.ReadToEnd().Trim();
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? text : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
