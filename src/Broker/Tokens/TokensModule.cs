using System.Diagnostics.Metrics;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Ledger;
using Broker.Modules;
using Broker.Releases;
using Broker.SigningKeys;

namespace Broker.Tokens;

/// <summary>OIDC tokens for callers that go to STS themselves.</summary>
internal sealed class TokensModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => TokenSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => TokenRefusals.All;

    public override IReadOnlyList<EntryKind> EntryKinds => [OidcTokenRelease.Kind];

    public override IJsonTypeInfoResolver Json => TokensJson.Default;

    public override void Read(ModuleStart start)
    {
        start.Read(TokenOptions.Read);
        if (start.Find<TokenOptions>() is { } tokens && start.Find<KeyFileOptions>() is { } keys)
            start.Faults.Try(() => tokens.CheckKeys(keys, start.Boot));
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.AddSingleton<IReleaseCheck, AudienceCheck>();
        services.AddSingleton<OidcTokenSigner>();
        services.AddSingleton<IssueOidcToken>();
    }

    public override void Map(WebApplication app) => MintOidcToken.Map(app);

    public override IEnumerable<Instrument> Metrics(IServiceProvider services) =>
        [services.GetRequiredService<IssueOidcToken>().Seconds];
}

[JsonSerializable(typeof(MintOidcTokenRequest))]
[JsonSerializable(typeof(MintOidcTokenBody))]
[JsonSerializable(typeof(MintOidcTokenAnswer))]
internal sealed partial class TokensJson : JsonSerializerContext;
