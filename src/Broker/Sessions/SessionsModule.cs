using System.Diagnostics.Metrics;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Issuer;
using Broker.Ledger;
using Broker.Modules;
using Broker.Sessions.Proofs;
using Broker.SigningKeys;

namespace Broker.Sessions;

/// <summary>
/// Session tokens: issued by a sign-in, verified on every call, ended by their holder; and legacy bearers.
/// </summary>
internal sealed class SessionsModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => SessionSettings.All;

    public override IReadOnlyList<EntryKind> EntryKinds => [SessionTokenRelease.Kind];

    public override IReadOnlyList<RefusalCode> Refusals => [.. SessionRefusals.All, .. ProofRefusals.All];

    public override IReadOnlyList<StateTable> Tables =>
    [
        new("sessions/0001-revoked", """
            CREATE TABLE IF NOT EXISTS revoked_sessions (
                token_id   TEXT PRIMARY KEY,
                expires_at INTEGER NOT NULL
            ) STRICT;
            """)
        {
            Expiring = "revoked_sessions",
        },
    ];

    public override IJsonTypeInfoResolver Json => SessionsJson.Default;

    public override void Read(ModuleStart start)
    {
        start.Read(SessionOptions.Read);
        start.Read(BackendOptions.Read);
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.AddSingleton(new SessionTokens(start.Get<LoadedKeys>().Session, start.Get<IssuerOptions>()));
        services.AddSingleton<SessionTokenReader>();
        services.AddSingleton<IRevocationStore, SqliteRevocationStore>();
        services.AddSingleton<RevokedSessions>();
        services.AddSingleton<VerifiedSessions>();
        services.AddSingleton<SessionMetrics>();
        services.AddSingleton<UsedProofs>();
        services.AddSingleton<ProofNonces>();
        services.AddSingleton<KeyProofs>();
        services.AddSingleton<Callers>();
        services.AddSingleton<ICallers>(provider => provider.GetRequiredService<Callers>());
        services.AddSingleton<IssueSession>();
        services.AddSingleton<RevokeSession>();
        if (start.Get<BackendOptions>() is not { Url: { } url } backend) return;

        services.AddHttpClient(
                LegacyBackend.ClientName, client => LegacyBackend.Configure(client, url, backend.Timeout))
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false, // a bearer goes to the configured host and nowhere else
                ConnectTimeout = TimeSpan.FromSeconds(5),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            });
        services.AddSingleton(provider => new LegacyBackend(
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(LegacyBackend.ClientName),
            provider.GetRequiredService<ILogger<LegacyBackend>>()));
    }

    public override void Map(WebApplication app)
    {
        ExchangeBearer.Map(app);
        EndSession.Map(app);
    }

    public override IEnumerable<Dependency> Dependencies(IServiceProvider services)
    {
        if (services.GetService<LegacyBackend>() is not { } backend) yield break;
        const string Unseen = "BROKER_BACKEND_URL/healthz not yet reachable since boot";
        yield return new Dependency(
            "tier2/backend", Unseen, async stop => await backend.IsHealthyAsync(stop) ? null : Unseen);
    }

    public override IEnumerable<Instrument> Metrics(IServiceProvider services) =>
        services.GetRequiredService<SessionMetrics>().All;
}

[JsonSerializable(typeof(ExchangeAnswer))]
internal sealed partial class SessionsJson : JsonSerializerContext;
