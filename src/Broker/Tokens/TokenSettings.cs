using Broker.Foundation.Settings;
using Broker.Sessions;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.Tokens;

/// <summary>OIDC tokens.</summary>
internal static class TokenSettings
{
    public static readonly Setting<TimeSpan> OidcTokenLifetime = new("BROKER_OIDC_JWT_TTL_SECONDS", "OIDC",
        "Lifetime of an OIDC token where the caller asks for none (ttl_seconds, within the same bounds).",
        Seconds("BROKER_OIDC_JWT_TTL_SECONDS", 60, 3600))
    { Default = "300", Form = "60 to 3600 seconds", Anchor = "oidc-token" };

    public static readonly Setting<TokenAudience[]> Audiences = new("BROKER_OIDC_AUDIENCES", "OIDC",
        "Audiences beside sts.amazonaws.com that a caller may ask for. Each token is signed with ES256, or with RS256 "
        + "where =RS256 follows the audience (Entra ID: api://AzureADTokenExchange=RS256).", ReadAudiences)
    { Default = "", Form = "comma-separated audiences, each with =RS256 or =ES256 or without", Anchor = "oidc-audiences" };

    public static readonly Setting<bool> SourceIdentity = new("BROKER_OIDC_SOURCE_IDENTITY", "OIDC",
        "Emit https://aws.amazon.com/source_identity. AWS refuses the call where the trust policy lacks "
        + "sts:SetSourceIdentity.", Switch)
    { Default = "false", Form = TrueOrFalse, Anchor = "oidc-token" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        OidcTokenLifetime, Audiences, SourceIdentity,
    ];

    private static TokenAudience[] ReadAudiences(string value)
    {
        var audiences = List(value).Select(Tokens.Audiences.Parse).ToArray();
        if (audiences.DistinctBy(one => one.Name).Count() != audiences.Length)
            throw new FormatException("an audience is there twice");

        // A relying party of AWS's name gets no other token, and what is good at this broker itself no relying party.
        return audiences.FirstOrDefault(one => one.Name is Tokens.Audiences.Aws or SessionTokens.Audience) is { } taken
            ? throw new FormatException($"{taken.Name} is not for this setting")
            : audiences;
    }
}
