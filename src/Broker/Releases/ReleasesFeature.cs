namespace Broker.Releases;

/// <summary>Policy, and the records of what it refused.</summary>
internal static class ReleasesFeature
{
    public static void AddReleases(this IServiceCollection services)
    {
        services.AddSingleton<ISignedRequestStore, SqliteSignedRequestStore>();
        services.AddSingleton<SignedMint>();
        services.AddSingleton<ReleasePolicy>();
        services.AddSingleton<DryRun>();
        services.AddSingleton<RefusalRecords>();
    }
}
