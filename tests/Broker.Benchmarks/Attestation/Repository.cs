namespace Broker.Benchmarks.Attestation;

/// <summary>Where the checkout is that this program was built from.</summary>
internal static class Repository
{
    public static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Broker.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException($"no Broker.sln above {AppContext.BaseDirectory}");
    }
}
