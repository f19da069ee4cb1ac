using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Modules;
using Broker.SignIn.Methods;
using Broker.SignIn.Staged;
using Broker.Storage;

namespace Broker.SignIn.Email;

/// <summary>Sign-in by a link that is mailed (contract §2.11, §7.3).</summary>
internal sealed class EmailModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => EmailSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => EmailRefusals.All;

    public override IJsonTypeInfoResolver Json => EmailJson.Default;

    public override void Read(ModuleStart start) => start.Read(boot => EmailSignInOptions.Read(boot, start));

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        if (!start.Get<SignInOptions>().Offers(SignInMethod.EmailLink)) return;
        services.AddSingleton<EmailLimits>();
        services.AddSingleton<SignInMail>();
        services.AddSingleton<BeginEmailSignIn>();
    }

    public override void Map(WebApplication app)
    {
        if (!app.Services.GetRequiredService<SignInOptions>().Offers(SignInMethod.EmailLink)) return;
        RequestEmailSignIn.Map(app);
        LandingPage.Map(app);
        PreviewEmailLink.Map(app);
        VerifyEmailLink.Map(app);
        PollSignIn.Map(app, RequestEmailSignIn.PollPath + "{request_id}", SignInMethod.EmailLink, "pollEmailSignIn");
    }

    /// <summary>Its sign-ins are kept in the state database: what that is, it is.</summary>
    public override IEnumerable<ReadinessCheck> CheckReadiness(IServiceProvider services) =>
        services.GetRequiredService<SignInOptions>().Offers(SignInMethod.EmailLink)
            ? [services.GetRequiredService<StateDatabase>().CheckReadiness() with { Name = SignInMethod.EmailLink }]
            : [];
}

[JsonSerializable(typeof(RequestEmailSignInBody))]
[JsonSerializable(typeof(RequestEmailSignInAnswer))]
[JsonSerializable(typeof(LinkBody))]
[JsonSerializable(typeof(PreviewEmailLinkAnswer))]
[JsonSerializable(typeof(VerifyEmailLinkAnswer))]
[JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
internal sealed partial class EmailJson : JsonSerializerContext;
