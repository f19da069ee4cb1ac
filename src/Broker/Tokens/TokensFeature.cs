using System.Text.Json.Serialization;
using Broker.Configuration;
using Broker.SigningKeys;

namespace Broker.Tokens;

/// <summary>OIDC tokens for callers that go to STS themselves.</summary>
internal static class TokensFeature
{
    public static void AddTokens(this IServiceCollection services) => services.AddSingleton(provider =>
        new OidcTokenSigner(
            provider.GetRequiredService<KeyRing>(), provider.GetRequiredService<BrokerOptions>().Issuer));

    public static void MapTokens(this IEndpointRouteBuilder routes) => MintOidcToken.Map(routes);
}

[JsonSerializable(typeof(MintOidcTokenRequest))]
[JsonSerializable(typeof(MintOidcTokenBody))]
[JsonSerializable(typeof(MintOidcTokenAnswer))]
internal sealed partial class TokensJson : JsonSerializerContext;
