using Broker.Configuration;
using Broker.SigningKeys;

namespace Broker.Discovery;

/// <summary>What AWS IAM and every other relying party reads about the issuer, without credentials.</summary>
internal static class DiscoveryFeature
{
    public static void MapDiscovery(this WebApplication app)
    {
        DiscoveryDocument.Map(app, app.Services.GetRequiredService<BrokerOptions>());
        JsonWebKeySet.Map(
            app, app.Services.GetRequiredService<KeyRing>(), app.Services.GetRequiredService<BrokerOptions>().Issuer);
    }
}
