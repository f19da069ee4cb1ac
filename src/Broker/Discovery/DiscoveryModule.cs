using Broker.Issuer;
using Broker.Modules;
using OpenIddict.Server;

namespace Broker.Discovery;

/// <summary>What AWS IAM and every other relying party reads about the issuer, without credentials.</summary>
internal sealed class DiscoveryModule : BrokerModule
{
    public override void AddServices(IServiceCollection services, ModuleStart start) =>
        services.AddOpenIddict().AddServer(server =>
        {
            server.AddEventHandler<OpenIddictServerEvents.HandleConfigurationRequestContext>(
                handler => handler.UseSingletonHandler<DescribeIssuer>().SetOrder(int.MaxValue));
            server.AddEventHandler<OpenIddictServerEvents.HandleJsonWebKeySetRequestContext>(
                handler => handler.UseSingletonHandler<PublishKeys>().SetOrder(0));
        });

    public override void Map(WebApplication app) =>
        DiscoveryRoutes.Map(app, app.Services.GetRequiredService<IssuerOptions>());
}
