using Broker.Foundation.Settings;

namespace Broker.Sessions;

/// <summary>How long a session token lives.</summary>
internal sealed record SessionOptions(TimeSpan TokenLifetime)
{
    public static SessionOptions Read(BootEnvironment boot) => new(boot.Read(SessionSettings.SessionTokenLifetime));
}

/// <summary>The legacy backend that vouches for opaque bearers (contract §9).</summary>
/// <param name="Url">Null where there is none.</param>
internal sealed record BackendOptions(Uri? Url, TimeSpan Timeout)
{
    public static BackendOptions Read(BootEnvironment boot) =>
        new(boot.ReadOptional(SessionSettings.BackendUrl), boot.Read(SessionSettings.BackendTimeout));
}
