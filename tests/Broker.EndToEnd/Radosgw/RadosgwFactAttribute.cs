namespace Broker.EndToEnd.Radosgw;

/// <summary>
/// A fact judged by radosgw: reported as left out, with the reason, in a clone without the tools that start one.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RadosgwFactAttribute : FactAttribute
{
    public RadosgwFactAttribute()
    {
        if (!RadosgwTools.Present) Skip = RadosgwTools.Absent;
    }
}

/// <summary>A theory judged by radosgw, likewise.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RadosgwTheoryAttribute : TheoryAttribute
{
    public RadosgwTheoryAttribute()
    {
        if (!RadosgwTools.Present) Skip = RadosgwTools.Absent;
    }
}

/// <summary>
/// Where <c>radosgw-up</c> and <c>radosgw-down</c> are: <c>BROKER_SHARED_TOOLS</c>, or <c>tools</c> beside the
/// fixtures.
/// </summary>
internal static class RadosgwTools
{
    private static readonly string Folder =
        Environment.GetEnvironmentVariable("BROKER_SHARED_TOOLS") is { Length: > 0 } given
        ? given
        : Path.Combine(Path.GetDirectoryName(Fixtures.Root.TrimEnd('/'))!, "tools");

    public static string Up => Path.Combine(Folder, "radosgw-up");

    public static string Down => Path.Combine(Folder, "radosgw-down");

    public static bool Present => File.Exists(Up) && File.Exists(Down);

    public static string Absent => $"not run: no radosgw-up in {Folder} (set BROKER_SHARED_TOOLS)";
}
