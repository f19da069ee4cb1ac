namespace Broker.Ledger.Tests.Faults;

/// <summary>
/// A fact that needs a small file system of its own: reported as left out where mounting is not permitted.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MountFactAttribute : FactAttribute
{
    private static readonly string? Obstacle = FindObstacle();

    public MountFactAttribute()
    {
        if (Obstacle is not null) Skip = Obstacle;
    }

    private static string? FindObstacle()
    {
        try
        {
            using var disk = new SmallDisk(1 << 20);
            return null;
        }
        catch (InvalidOperationException e)
        {
            return $"not run: a tmpfs cannot be mounted here ({e.Message}); run as root where mounting is permitted";
        }
    }
}
