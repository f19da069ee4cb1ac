using System.Diagnostics.Metrics;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Aws.Idempotency;
using Broker.AwsAccount;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Ledger;
using Broker.LedgerHosting;
using Broker.Modules;

namespace Broker.Aws;

/// <summary>AWS credentials by way of STS.</summary>
internal sealed class AwsModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => AwsSettings.All;

    public override IReadOnlyList<EntryKind> EntryKinds => [AwsCredentialRelease.Kind, HopRelease.Kind];

    public override IReadOnlyList<RefusalCode> Refusals => [.. AwsRefusals.All, .. IdempotencyRefusals.All];

    public override IReadOnlyList<StateTable> Tables =>
    [
        new("aws/0001-idempotency", """
            CREATE TABLE IF NOT EXISTS idempotency (
                scope      TEXT PRIMARY KEY,
                body_hash  TEXT NOT NULL,
                answer     BLOB NULL,
                expires_at INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX IF NOT EXISTS idempotency_by_expiry ON idempotency (expires_at);
            """)
        {
            Expiring = "idempotency",
        },
    ];

    public override IJsonTypeInfoResolver Json => AwsJson.Default;

    public override void Read(ModuleStart start) =>
        start.Read(boot => AwsOptions.Read(boot, start.Find<AwsAccountOptions>()));

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.AddSingleton<IStsClient, AwsStsClient>();
        services.AddSingleton<StsExchange>();
        services.AddSingleton<IIdempotencyStore, SqliteIdempotencyStore>();
        services.AddSingleton(provider => new IdempotentAnswers(
            provider.GetRequiredService<IIdempotencyStore>(), LongestMint(start), start.Time,
            provider.GetRequiredService<Meter>()));
        services.AddSingleton<AwsGrant>();
        services.AddSingleton<IssueAwsCredentials>();
        services.AddSingleton<RoleOffers>();
    }

    public override void Map(WebApplication app)
    {
        MintAwsCredentials.Map(app);
        ListRoles.Map(app);
    }

    public override IEnumerable<Dependency> Dependencies(IServiceProvider services)
    {
        if (services.GetRequiredService<AwsOptions>().Mode != StsMode.AssumeRole) yield break;
        var sts = services.GetRequiredService<IStsClient>();
        yield return new Dependency(
            "tier2/sts", "sts:GetCallerIdentity has not succeeded since boot",
            async stop => (await sts.CallerIdentityAsync(stop)).Refusal?.Detail)
        {
            IsTrusted = services.GetRequiredService<StartupChoices>().SkipStartupCheck,
        };
    }

    public override IEnumerable<Instrument> Metrics(IServiceProvider services) =>
    [
        .. services.GetRequiredService<IdempotentAnswers>().Metrics,
        services.GetRequiredService<IssueAwsCredentials>().Seconds,
    ];

    /// <summary>STS with its retries, then the ledger and its anchor.</summary>
    private static TimeSpan LongestMint(ModuleStart start) =>
        start.Get<AwsOptions>().StsTimeout + (2 * start.Get<LedgerFileOptions>().Timeout);

    public override Task ProbeAsync(IServiceProvider services, CancellationToken stop) =>
        StartupProbe.RunAsync(services, stop);
}

[JsonSerializable(typeof(MintAwsCredentialsRequest))]
[JsonSerializable(typeof(MintAwsCredentialsBody))]
[JsonSerializable(typeof(MintAwsCredentialsAnswer))]
[JsonSerializable(typeof(ListRolesAnswer))]
internal sealed partial class AwsJson : JsonSerializerContext;
