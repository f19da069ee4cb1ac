namespace Broker.Tests.Faults;

/// <summary>A tmpfs of a few megabytes on a folder of its own, to be filled.</summary>
internal sealed class SmallDisk : IDisposable
{
    public SmallDisk(int megabytes = 4)
    {
        Folder = Directory.CreateTempSubdirectory("small-disk-").FullName;
        try
        {
            Command.Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0700", "tmpfs", Folder);
        }
        catch
        {
            Directory.Delete(Folder);
            throw;
        }
    }

    public string Folder { get; }

    /// <summary>Takes every byte that is left; they are free again when the result is disposed.</summary>
    public IDisposable Fill() => FillTo(freeBytes: 0);

    /// <summary>Takes what is left but for <paramref name="freeBytes"/>, likewise.</summary>
    public IDisposable FillTo(long freeBytes)
    {
        var filler = Path.Combine(Folder, "filler");
        using (var file = new FileStream(filler, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            try
            {
                while (freeBytes == 0 || new DriveInfo(Folder).AvailableFreeSpace > freeBytes)
                    file.Write(new byte[4096]);
            }
            catch (IOException)
            {
                // Full, as intended.
            }
        }

        return new Filler(filler);
    }

    public void Dispose()
    {
        Command.Run("umount", "-l", Folder);
        Directory.Delete(Folder);
    }

    private sealed class Filler(string path) : IDisposable
    {
        public void Dispose() => File.Delete(path);
    }
}

/// <summary>Files or folders that not even root can write, nor anybody through a handle that is open already.</summary>
internal sealed class Immutable : IDisposable
{
    private readonly string[] _paths;

    public Immutable(params string[] paths)
    {
        _paths = [.. paths.Where(Path.Exists)];
        foreach (var path in _paths) Command.Run("chattr", "+i", path);
    }

    public void Dispose()
    {
        foreach (var path in _paths) Command.Run("chattr", "-i", path);
    }
}

/// <summary>
/// A fact that needs a disk of its own or immutable files: reported as left out where the system does not permit
/// either.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PrivilegedFactAttribute : FactAttribute
{
    private static readonly string? Obstacle = FindObstacle();

    public PrivilegedFactAttribute()
    {
        if (Obstacle is not null) Skip = Obstacle;
    }

    private static string? FindObstacle()
    {
        var path = Path.GetTempFileName();
        try
        {
            using (new SmallDisk()) { }

            // Some file systems (tmpfs) take the attribute and still write through a handle that is open.
            using var open = File.OpenWrite(path);
            using (new Immutable(path)) RandomAccess.Write(open.SafeFileHandle, [1], 0);
            return "not run: the file system writes what is immutable; run as root on ext4 or xfs";
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
        catch (InvalidOperationException refused)
        {
            return $"not run: needs mount and chattr ({refused.Message}); run as root on a disk file system";
        }
        finally
        {
            File.Delete(path);
        }
    }
}
