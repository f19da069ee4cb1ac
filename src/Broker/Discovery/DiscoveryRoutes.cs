using Broker.Http;
using Broker.Issuer;
using Broker.OAuth.Protocol;
using OpenIddict.Abstractions;
using OpenIddict.Server;

namespace Broker.Discovery;

/// <summary>
/// <c>GET /.well-known/openid-configuration</c> and <c>GET /.well-known/oauth-authorization-server</c>: the same
/// document at both (OpenID Connect Discovery 1.0 §3, RFC 8414 §2); and <c>GET /.well-known/jwks.json</c>. An issuer
/// with a path has the document where each specification looks for it: behind the path (Discovery §4.1) and before it
/// (RFC 8414 §3.1), and at the root.
/// </summary>
internal static class DiscoveryRoutes
{
    private const string OpenIdPath = "/.well-known/openid-configuration";
    private const string OAuthPath = "/.well-known/oauth-authorization-server";
    private const string KeysPath = "/.well-known/jwks.json";

    public static void Map(IEndpointRouteBuilder routes, IssuerOptions issuer)
    {
        foreach (var path in PathsOf(OpenIdPath, issuer.Path))
        {
            routes.MapGet(path, Answer(OpenIddictServerEndpointType.Configuration))
                .WithSummary("OpenID provider configuration").ProducesJson();
        }

        foreach (var path in PathsOf(OAuthPath, issuer.Path))
        {
            routes.MapGet(path, Answer(OpenIddictServerEndpointType.Configuration))
                .WithSummary("The same document where RFC 8414 looks for it").ProducesJson();
        }

        routes.MapGet(KeysPath, Answer(OpenIddictServerEndpointType.JsonWebKeySet))
            .WithName("jwks").WithSummary("The issuer's public keys").ProducesJson();
        if (issuer.Path.Length == 0) return;
        routes.MapGet(issuer.Path + KeysPath, Answer(OpenIddictServerEndpointType.JsonWebKeySet))
            .WithSummary("The issuer's public keys, where discovery says that they are").ProducesJson();
    }

    private static IEnumerable<string> PathsOf(string wellKnown, string issuerPath) => issuerPath.Length == 0
        ? [wellKnown]
        : [wellKnown, issuerPath + wellKnown, wellKnown + issuerPath];

    private static Delegate Answer(OpenIddictServerEndpointType endpoint) =>
        async (HttpContext http, OAuthPipeline pipeline) =>
        {
            var document = await pipeline.RunAsync(endpoint, new OpenIddictRequest(), null, http.RequestAborted);
            await new CachedDocument(ResponseBytes.Of(document)).AnswerAsync(http);
        };
}
