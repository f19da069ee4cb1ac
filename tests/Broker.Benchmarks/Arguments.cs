namespace Broker.Benchmarks;

/// <summary>The command line of the programs that measure over time.</summary>
internal static class Arguments
{
    /// <summary>What follows <paramref name="name"/>; null where it is not there.</summary>
    public static string? Option(string[] arguments, string name)
    {
        var at = Array.IndexOf(arguments, name);
        return at >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;
    }
}
