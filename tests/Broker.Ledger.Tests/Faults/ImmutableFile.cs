namespace Broker.Ledger.Tests.Faults;

/// <summary>
/// A fact that makes files read-only even for root: reported as left out where the file system cannot.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ImmutableFileFactAttribute : FactAttribute
{
    private static readonly string? Obstacle = FindObstacle();

    public ImmutableFileFactAttribute()
    {
        if (Obstacle is not null) Skip = Obstacle;
    }

    private static string? FindObstacle()
    {
        var path = Path.GetTempFileName();
        try
        {
            // Some file systems (tmpfs) take the attribute and still write through a handle that is open.
            using var open = File.OpenWrite(path);
            using (ImmutableFile.Make(path)) RandomAccess.Write(open.SafeFileHandle, [1], 0);
            return "not run: the file system writes what is immutable; run as root on ext4 or xfs";
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
        catch (InvalidOperationException e)
        {
            return $"not run: a file cannot be made immutable here ({e.Message}); run as root on ext4 or xfs";
        }
        finally
        {
            File.Delete(path);
        }
    }
}

/// <summary>
/// A file that nobody can write, not even through a handle that is open already, until this is disposed of.
/// </summary>
internal sealed class ImmutableFile : IDisposable
{
    private readonly string _path;

    private ImmutableFile(string path) => _path = path;

    public static ImmutableFile Make(string path)
    {
        Command.Run("chattr", "+i", path);
        return new ImmutableFile(path);
    }

    public void Dispose() => Command.Run("chattr", "-i", _path);
}
