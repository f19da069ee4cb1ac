using Broker.EndToEnd.Processes;

namespace Broker.EndToEnd.Durability;

/// <summary>A fact that watches system calls: reported as left out, with the reason, where that is not permitted.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class StraceFactAttribute : FactAttribute
{
    private static readonly string? Obstacle = FindObstacle();

    public StraceFactAttribute()
    {
        if (Obstacle is not null) Skip = Obstacle;
    }

    private static string? FindObstacle()
    {
        try
        {
            Command.RunAsync("strace", ["-o", "/dev/null", "true"]).GetAwaiter().GetResult().OrThrow();
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return $"not run: strace cannot be used here ({e.Message}); install it and permit ptrace";
        }
    }
}
