using System.Diagnostics.Metrics;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Modules;

namespace Broker.Releases;

/// <summary>Policy: the list of checks that every release passes.</summary>
internal sealed class ReleasesModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => ReleaseSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => ReleaseRefusals.All;

    public override IReadOnlyList<StateTable> Tables =>
    [
        new("releases/0001-signed-requests", """
            CREATE TABLE IF NOT EXISTS signed_requests (
                actor_omni TEXT NOT NULL,
                request_id TEXT NOT NULL,
                expires_at INTEGER NOT NULL,
                PRIMARY KEY (actor_omni, request_id)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS signed_requests_by_expiry ON signed_requests (expires_at);
            """)
        {
            Expiring = "signed_requests",
        },
    ];

    public override void Read(ModuleStart start) =>
        start.Read(boot => ReleaseOptions.Read(boot, start.IsDevelopment));

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.AddSingleton<ISignedRequestStore, SqliteSignedRequestStore>();
        services.AddSingleton<SignedMint>();
        services.AddSingleton<MintBudget>();
        services.AddSingleton<IReleaseCheck, SignatureCheck>();
        services.AddSingleton<IReleaseCheck, RoleCheck>();
        services.AddSingleton<IReleaseCheck, LifetimeCheck>();
        services.AddSingleton<IReleaseCheck, ReasonCheck>();
        services.AddSingleton<IReleaseCheck, RateCheck>();
        services.AddSingleton<ReleasePolicy>();
        services.AddSingleton<DryRun>();
        services.AddSingleton<MintMetrics>();
    }

    public override IEnumerable<Instrument> Metrics(IServiceProvider services) =>
        services.GetRequiredService<MintMetrics>().All;
}
