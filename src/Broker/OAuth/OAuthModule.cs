using System.Text.Json.Serialization.Metadata;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Issuer;
using Broker.Ledger;
using Broker.Modules;
using Broker.OAuth.Assertions;
using Broker.OAuth.Authorization;
using Broker.OAuth.Clients;
using Broker.OAuth.Delegations;
using Broker.OAuth.Device;
using Broker.OAuth.ForeignIssuers;
using Broker.OAuth.Grants;
using Broker.OAuth.Protocol;
using Broker.Releases;
using Broker.Roles;
using Broker.Tokens;

namespace Broker.OAuth;

/// <summary>
/// OAuth: OpenIddict speaks the protocol, and every token is issued by the use cases that issue it elsewhere.
/// </summary>
internal sealed class OAuthModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => OAuthSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals =>
        [.. OAuthRefusals.All, .. ClientRefusals.All, .. DelegationRefusals.All, .. DeviceRefusals.All,
            .. ForeignRefusals.All, .. ExchangeRefusals.All, .. AssertionRefusals.All];

    public override IReadOnlyList<EntryKind> EntryKinds => [DelegationChange.Kind, IdTokenRelease.Kind];

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
        .. DelegationTables.All,
        SqliteDeviceStore.Table,
        SqliteCodeStore.Table,
        SqliteUsedForeignTokens.Table,
    ];

    public override IJsonTypeInfoResolver Json =>
        JsonTypeInfoResolver.Combine(OAuthJson.Default, DeviceJson.Default);

    public override void Read(ModuleStart start)
    {
        start.Read(boot => ClientsAtStart.Read(boot, start.Find<RoleCatalogue>()));
        start.Read(boot => IssuersAtStart.Read(boot, new IssuersReading(
            start.Find<IssuerOptions>()?.Issuer ?? "", start.IsDevelopment, start.Find<RoleCatalogue>(),
            start.Find<TokenOptions>()?.Audiences)));
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.AddSingleton(ProtectedResource.Of(start.Get<IssuerOptions>()));
        services.AddSingleton(_ => DocumentFetcher.Of(start));
        services.AddSingleton<ClientDocuments>();
        services.AddSingleton<OAuthClients>();
        services.AddSingleton<IAssertionStore, SqliteAssertionStore>();
        services.AddSingleton<IReleaseCheck, ClientRoleCheck>();
        services.AddSingleton<LiveIssuers>();
        services.AddSingleton<IssuerKeys>();
        services.AddSingleton<VerifyForeignToken>();
        services.AddSingleton<IUsedForeignTokens, SqliteUsedForeignTokens>();
        services.AddSingleton<IReleaseCheck, ForeignRuleCheck>();
        services.AddSingleton<ForeignExchange>();
        services.AddSingleton<SessionExchange>();
        services.AddSingleton<IReleaseCheck, NarrowedRoleCheck>();
        services.AddSingleton<IGrant, ClientCredentialsGrant>();
        services.AddSingleton<KeyAssertions>();
        services.AddSingleton<ProveKey>();
        services.AddSingleton<IGrant, JwtBearerGrant>();
        services.AddSingleton<IGrant, TokenExchangeGrant>();
        services.AddSingleton<IGrant, CodeGrant>();
        services.AddSingleton<IGrant, RefreshGrant>();
        services.AddSingleton<IGrant, DeviceGrant>();
        services.AddSingleton<IDelegationStore, SqliteDelegationStore>();
        services.AddSingleton<IDeviceStore, SqliteDeviceStore>();
        services.AddSingleton<ICodeStore, SqliteCodeStore>();
        services.AddSingleton<IssueIdToken>();
        services.AddSingleton<IssueDelegated>();
        services.AddSingleton<EndDelegation>();
        services.AddSingleton<DecideDevice>();
        services.AddSingleton<ReadAuthorizationRequest>();
        services.AddSingleton<PendingAuthorizations>();
        services.AddSingleton<GrantCode>();
        services.AddScoped<OAuthPipeline>();
        services.AddOAuthServer(start);
    }

    public override void Map(WebApplication app)
    {
        var issuer = app.Services.GetRequiredService<IssuerOptions>();
        OAuthRoutes.Map(app, issuer);
        ProtectedResource.Map(app, issuer);
    }

    public override IEnumerable<ReadinessCheck> CheckReadiness(IServiceProvider services)
    {
        if (services.GetRequiredService<ClientsAtStart>().Path is not null)
            yield return Check("clients", services.GetRequiredService<OAuthClients>().Fault);
        if (services.GetRequiredService<IssuersAtStart>().Path is not null)
            yield return Check("issuers", services.GetRequiredService<LiveIssuers>().Fault);
    }

    private static ReadinessCheck Check(string name, string? fault) => fault is null
        ? new ReadinessCheck(name, Readiness.Ready)
        : new ReadinessCheck(name, Readiness.Degraded, $"the file {fault}; the {name} before it stay in force");
}
