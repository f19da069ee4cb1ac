using Broker.Configuration;

namespace Broker.Tokens;

/// <summary>OIDC tokens: how long they live where nothing else is asked for, and what stands in them.</summary>
internal sealed record TokenOptions(TimeSpan Lifetime, bool EmitSourceIdentity)
{
    public static TokenOptions Read(BootEnvironment boot) =>
        new(boot.Read(TokenSettings.OidcTokenLifetime), boot.Read(TokenSettings.SourceIdentity));
}
