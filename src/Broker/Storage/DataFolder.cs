using Broker.Foundation.Settings;

namespace Broker.Storage;

/// <summary>
/// The folder of <c>BROKER_DATA_DIR</c>, judged for itself: otherwise the first file in it would be blamed for it.
/// </summary>
internal static class DataFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Finds what can be found without changing anything: something on the path that is not a folder.</summary>
    /// <exception cref="BootFailException">The path leads through a file.</exception>
    public static void Check(BootEnvironment boot)
    {
        var folder = boot.Read(StorageSettings.DataDirectory);
        for (var path = folder; path is not null && !Directory.Exists(path); path = Path.GetDirectoryName(path))
        {
            if (File.Exists(path)) throw Fail(boot, $"must be a folder; {path} is a file");
        }
    }

    /// <summary>Makes the folder, mode 0700, and proves that files can be made in it where some belong there.</summary>
    /// <exception cref="BootFailException">It cannot be made or written.</exception>
    public static void Prepare(BootEnvironment boot)
    {
        var folder = boot.Read(StorageSettings.DataDirectory);
        if (boot.IsSet(StorageSettings.LedgerDatabase) && boot.IsSet(StorageSettings.StateDatabase)) return;
        var proof = Path.Combine(folder, $".proof-{Guid.NewGuid():n}");
        try
        {
            Directory.CreateDirectory(folder, OwnerOnly);
            File.Create(proof).Dispose();
            File.Delete(proof);
        }
        catch (Exception fault) when (fault is UnauthorizedAccessException or DirectoryNotFoundException
            or FileNotFoundException or PathTooLongException || fault is IOException && !IsFull(fault))
        {
            throw Fail(boot, $"cannot be made or written: {fault.Message}");
        }
    }

    /// <summary>A full disk is the ledger's matter: it says so, and an old ledger may still release.</summary>
    private static bool IsFull(Exception fault) => fault.HResult == 28;

    private static BootFailException Fail(BootEnvironment boot, string reason) =>
        BootFailException.At(StorageSettings.DataDirectory, boot.Text(StorageSettings.DataDirectory), reason);
}
