using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.OAuth.Clients;

/// <summary>OAuth.</summary>
internal static class OAuthSettings
{
    public static readonly Setting<string> ClientsFile = new("BROKER_OAUTH_CLIENTS_FILE", "OAuth",
        "JSON file of the OAuth clients: an array of client metadata (RFC 7591) with client_id and, for confidential "
        + "clients, client_secret or jwks. Read again when it changes. Only its owner may write it, and read it where "
        + "it has a secret. Unset: there are no clients; grants that need none work.", FilePath)
    { Form = PathForm, Anchor = "oauth" };

    public static readonly Setting<string> ForeignIssuersFile = new("BROKER_FOREIGN_ISSUERS_FILE", "OAuth",
        "JSON file of foreign issuers (GitHub Actions, GitLab, Kubernetes, SPIFFE and others) whose tokens are "
        + "exchanged, and the rules that say for what. Read again when it changes. Only its owner may write it. Unset: no foreign "
        + "token is taken.", FilePath)
    { Form = PathForm, Anchor = "foreign-issuers" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        ClientsFile, ForeignIssuersFile,
    ];
}
