namespace Broker.TestSupport;

/// <summary>Where tests find the repository and the data that other people made.</summary>
internal static class Fixtures
{
    /// <summary>The checkout: the nearest folder above the test assembly that holds <c>Broker.sln</c>.</summary>
    public static string RepositoryRoot { get; } = FindRepositoryRoot();

    /// <summary>
    /// The fixtures' folder: <c>BROKER_FIXTURES</c>, or <c>../shared/fixtures</c> beside the checkout.
    /// </summary>
    public static string Root { get; } = Environment.GetEnvironmentVariable("BROKER_FIXTURES") is { Length: > 0 } given
        ? given
        : Path.GetFullPath(Path.Combine(RepositoryRoot, "..", "shared", "fixtures"));

    public static bool Present => Directory.Exists(Root);

    /// <summary>
    /// Said by every test that had to be left out, so that a run without the fixtures shows what it did not check.
    /// </summary>
    public static string Absent => $"not run: the fixtures are not at {Root} (set BROKER_FIXTURES)";

    public static string File(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "Broker.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException($"no Broker.sln above {AppContext.BaseDirectory}");
    }
}
