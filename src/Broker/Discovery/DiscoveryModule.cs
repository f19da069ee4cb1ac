using Broker.Issuer;
using Broker.Modules;
using Broker.SigningKeys;

namespace Broker.Discovery;

/// <summary>What AWS IAM and every other relying party reads about the issuer, without credentials.</summary>
internal sealed class DiscoveryModule : BrokerModule
{
    public override void Map(WebApplication app)
    {
        var issuer = app.Services.GetRequiredService<IssuerOptions>();
        DiscoveryDocument.Map(app, issuer);
        JsonWebKeySet.Map(app, app.Services.GetRequiredService<KeyRing>(), issuer);
    }
}
