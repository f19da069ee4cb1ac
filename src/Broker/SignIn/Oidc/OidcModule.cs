using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Issuer;
using Broker.Modules;
using Broker.SignIn.Methods;
using Broker.SignIn.Staged;

namespace Broker.SignIn.Oidc;

/// <summary>Sign-in at an OpenID provider (contract §2.12, §7.4).</summary>
internal sealed class OidcModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => OidcSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => OidcRefusals.All;

    public override IJsonTypeInfoResolver Json => OidcJson.Default;

    public override void Read(ModuleStart start)
    {
        if (start.Find<SignInOptions>() is not { } methods || start.Find<IssuerOptions>() is not { } issuer) return;
        start.Read(boot => OidcOptions.Read(boot, start, methods, issuer));
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.AddSingleton<OidcLimit>();
        if (start.Get<OidcOptions>().Providers.Count == 0) return;
        services.AddOidcClient(start);
        services.AddSingleton<OidcExchange>();
    }

    public override void Map(WebApplication app)
    {
        StartOidcSignIn.Map(app);
        if (app.Services.GetRequiredService<OidcOptions>().Providers.Count == 0) return;
        OidcCallback.Map(app);
        PollSignIn.Map(app, StartOidcSignIn.PollPath + "{request_id}", StartOidcSignIn.Staged, "pollOidcSignIn");
    }
}

[JsonSerializable(typeof(StartOidcSignInRequest))]
[JsonSerializable(typeof(StartOidcSignInAnswer))]
[JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
internal sealed partial class OidcJson : JsonSerializerContext;
