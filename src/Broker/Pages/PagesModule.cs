using Broker.Modules;

namespace Broker.Pages;

/// <summary>How pages for people look and are sent; the features bring the pages.</summary>
internal sealed class PagesModule : BrokerModule
{
    public override void AddServices(IServiceCollection services, ModuleStart start) =>
        services.AddSingleton<StaticRendering>();
}
