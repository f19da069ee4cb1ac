using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation.Results;
using Broker.Modules;

namespace Broker.People;

/// <summary>The broker's own pages for people: what it is, how to sign in, and what one has there.</summary>
internal sealed class PeopleModule : BrokerModule
{
    public override IReadOnlyList<RefusalCode> Refusals => PeopleRefusals.All;

    public override IJsonTypeInfoResolver Json => PeopleJson.Default;

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.AddSingleton<BrowserCookie>();
        services.AddSingleton<Visits>();
        services.AddSingleton<OtherBrowsers>();
        services.AddSingleton<RecentHealth>();
        services.AddSingleton<AccountLimit>();
        services.AddSingleton<AccountVisits>();
        services.AddSingleton<AccountReader>();
        services.AddSingleton<PageForms>();
        services.AddSingleton<BrowserSignIn>();
        services.AddSingleton<AccountForms>();
        services.AddSingleton<SignedInOnly>();
    }

    public override void Map(WebApplication app)
    {
        HomePage.Map(app);
        SignInPage.Map(app);
        AccountPage.Map(app);
    }
}

[JsonSerializable(typeof(WaitState))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class PeopleJson : JsonSerializerContext;
