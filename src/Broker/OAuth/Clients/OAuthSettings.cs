using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.OAuth.Clients;

/// <summary>OAuth.</summary>
internal static class OAuthSettings
{
    public static readonly Setting<string> ClientsFile = new("BROKER_OAUTH_CLIENTS_FILE", "OAuth",
        "JSON file of the OAuth clients: client_id, public keys (P-256), grant types, roles. Only its owner may write "
        + "it. Unset: there are no clients; grants that need none work.", FilePath)
    { Form = PathForm, Anchor = "oauth" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        ClientsFile,
    ];
}
