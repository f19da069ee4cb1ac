namespace Broker.Ledger.Tests.Faults;

/// <summary>A tmpfs of a few hundred kilobytes, mounted on a temporary folder.</summary>
internal sealed class SmallDisk : IDisposable
{
    public SmallDisk(long bytes)
    {
        Folder = Directory.CreateTempSubdirectory("small-disk-").FullName;
        try
        {
            Command.Run("mount", "-t", "tmpfs", "-o", $"size={bytes}", "tmpfs", Folder);
        }
        catch
        {
            Directory.Delete(Folder);
            throw;
        }
    }

    public string Folder { get; }

    /// <summary>Takes the space that is left but for so many bytes; free again when the file is deleted.</summary>
    public string Fill(long leaving)
    {
        var path = Path.Combine(Folder, "filler");
        using var file = File.Create(path);
        for (var left = new DriveInfo(Folder).AvailableFreeSpace - leaving; left > 0; left -= 4096)
            file.Write(new byte[4096]);
        return path;
    }

    /// <summary>Takes all the space that is left; free again when the file is deleted.</summary>
    public string Fill()
    {
        var path = Path.Combine(Folder, "filler");
        using var file = File.Create(path);
        try
        {
            while (true) file.Write(new byte[4096]);
        }
        catch (IOException)
        {
            return path;
        }
    }

    public void Dispose()
    {
        Command.Run("umount", "-l", Folder);
        Directory.Delete(Folder);
    }
}
