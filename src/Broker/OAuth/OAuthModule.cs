using System.Text.Json.Serialization.Metadata;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Issuer;
using Broker.Modules;
using Broker.OAuth.Clients;
using Broker.OAuth.Grants;
using Broker.OAuth.Protocol;
using Broker.Releases;
using Broker.Roles;

namespace Broker.OAuth;

/// <summary>
/// OAuth: OpenIddict speaks the protocol, and every token is issued by the use cases that issue it elsewhere.
/// </summary>
internal sealed class OAuthModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => OAuthSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => [.. OAuthRefusals.All, .. ClientRefusals.All];

    public override IReadOnlyList<StateTable> Tables =>
    [
        new("oauth/0001-client-assertions", """
            CREATE TABLE IF NOT EXISTS oauth_client_assertions (
                client_id    TEXT NOT NULL,
                assertion_id TEXT NOT NULL,
                expires_at   INTEGER NOT NULL,
                PRIMARY KEY (client_id, assertion_id)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS oauth_client_assertions_by_expiry ON oauth_client_assertions (expires_at);
            """)
        {
            Expiring = "oauth_client_assertions",
        },
    ];

    public override IJsonTypeInfoResolver Json => OAuthJson.Default;

    public override void Read(ModuleStart start)
    {
        start.Read(OAuthClients.Read);
        if (start.Find<OAuthClients>() is { } clients && start.Find<RoleCatalogue>() is { } roles)
            start.Faults.Try(() => CheckRoles(clients, roles, start.Boot));
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.AddSingleton<IAssertionStore, SqliteAssertionStore>();
        services.AddSingleton<IReleaseCheck, ClientRoleCheck>();
        services.AddSingleton<IGrant, ClientCredentialsGrant>();
        services.AddSingleton<IGrant, WalletGrant>();
        services.AddSingleton<IGrant, TokenExchangeGrant>();
        services.AddScoped<OAuthPipeline>();
        services.AddOAuthServer(start);
    }

    public override void Map(WebApplication app) =>
        OAuthRoutes.Map(app, app.Services.GetRequiredService<IssuerOptions>());

    /// <summary>A role that nobody can have is a misspelt one.</summary>
    private static void CheckRoles(OAuthClients clients, RoleCatalogue roles, BootEnvironment boot)
    {
        foreach (var client in clients.All)
        {
            if (client.Roles?.FirstOrDefault(role => roles.Find(role) is null) is null) continue;
            throw BootFailException.At(OAuthSettings.ClientsFile, boot.Text(OAuthSettings.ClientsFile),
                $"{client.ClientId}: roles must be of the catalogue ({roles.Names})");
        }
    }
}
