using Broker.Configuration;
using static Broker.Configuration.SettingForms;

namespace Broker.Tokens;

/// <summary>OIDC tokens.</summary>
internal static class TokenSettings
{
    public static readonly Setting<TimeSpan> OidcTokenLifetime = new("BROKER_OIDC_JWT_TTL_SECONDS", "OIDC",
        "Lifetime of an OIDC token where the caller asks for none (ttl_seconds, within the same bounds).",
        Seconds("BROKER_OIDC_JWT_TTL_SECONDS", 60, 3600))
    { Default = "300", Form = "60 to 3600 seconds", Anchor = "oidc-token" };

    public static readonly Setting<bool> SourceIdentity = new("BROKER_OIDC_SOURCE_IDENTITY", "OIDC",
        "Emit https://aws.amazon.com/source_identity. AWS refuses the call where the trust policy lacks "
        + "sts:SetSourceIdentity.", Switch)
    { Default = "false", Form = TrueOrFalse, Anchor = "oidc-token" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        OidcTokenLifetime, SourceIdentity,
    ];
}
