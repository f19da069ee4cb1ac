using Broker.Tests.Hosting;

namespace Broker.Tests.Operations;

/// <summary>
/// The OpenAPI document is a promise: it names these routes, no more and no fewer, and what each refuses with.
/// </summary>
public sealed class OpenApiTests(SharedBroker shared) : IClassFixture<SharedBroker>
{
    private static readonly string[] Routes =
    [
        "GET /.well-known/jwks.json",
        "GET /.well-known/oauth-authorization-server",
        "GET /.well-known/openid-configuration",
        "GET /healthz",
        "GET /ledger/checkpoint",
        "GET /ledger/checkpoint/witnessed",
        "GET /ledger/tile/{path}",
        "GET /ledger/vkey",
        "GET /metrics",
        "GET /readyz",
        "GET /v1/ledger/entries",
        "GET /v1/ledger/entries/{id}",
        "GET /v1/ledger/entries/{id}/receipt",
        "POST /v1/auth/exchange",
        "POST /v1/auth/session/end",
        "POST /v1/auth/wallet/start",
        "POST /v1/auth/wallet/verify",
        "POST /v1/mint-aws-creds",
        "POST /v1/mint-oidc-jwt",
    ];

    [Fact]
    public async Task Names_every_route()
    {
        var document = (await shared.App.GetAsync("/openapi/v1.json")).ShouldBeOk().Json;

        document.GetProperty("openapi").GetString()!.ShouldStartWith("3.");
        var routes = document.GetProperty("paths").EnumerateObject()
            .SelectMany(
                path => path.Value.EnumerateObject().Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}"));
        routes.Order(StringComparer.Ordinal).ShouldBe(Routes);
    }

    [Fact]
    public async Task Says_of_every_mint_what_it_takes_gives_and_refuses()
    {
        var document = (await shared.App.GetAsync("/openapi/v1.json")).Json;

        foreach (var path in (string[])["/v1/mint-oidc-jwt", "/v1/mint-aws-creds"])
        {
            var route = document.GetProperty("paths").GetProperty(path).GetProperty("post");
            route.GetProperty("summary").GetString().ShouldNotBeNullOrEmpty();
            route.GetProperty("requestBody").GetProperty("content").TryGetProperty("application/json", out _)
                .ShouldBeTrue();
            foreach (var status in (string[])["200", "400", "401", "429", "500", "502", "503"])
                route.GetProperty("responses").TryGetProperty(status, out _).ShouldBeTrue(status);
        }
    }
}
