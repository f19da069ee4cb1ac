using Broker.Foundation.Settings;

namespace Broker.Releases;

/// <summary>Whether every mint must be signed, and how many an actor has in an hour; 0 means no limit.</summary>
internal sealed record ReleaseOptions(bool RequireSignedMint, int MintsPerHour)
{
    public static ReleaseOptions Read(BootEnvironment boot, bool isDevelopment) => new(
        boot.Read(ReleaseSettings.RequireSignedMint),
        boot.IsSet(ReleaseSettings.MintsPerHour) ? boot.Read(ReleaseSettings.MintsPerHour) : isDevelopment ? 0 : 600);
}
