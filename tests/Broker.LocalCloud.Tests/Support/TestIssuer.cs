using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Broker.LocalCloud.Tests.Support;

/// <summary>An OIDC issuer on loopback: discovery, JWKS, and tokens signed as a test wants them.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestIssuer(WebApplication app)
    {
        _app = app;
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(
            new { issuer = DiscoveredIssuer, jwks_uri = $"{Address}/jwks" }));
        app.MapGet("/jwks", () =>
        {
            KeyRequests++;
            return Broken ? Results.StatusCode(500) : Results.Text(Jwks.ToJsonString(), "application/json");
        });
        Rotate();
    }

    public string Address { get; private set; } = "";

    public string DiscoveredIssuer { get; set; } = "";

    public bool Broken { get; set; }

    public int KeyRequests { get; private set; }

    public JsonObject Jwks { get; set; } = [];

    public ECDsa Key { get; private set; } = null!;

    public string KeyId { get; private set; } = "";

    public static async Task<TestIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var issuer = new TestIssuer(app);
        await app.StartAsync();
        issuer.Address =
            app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        issuer.DiscoveredIssuer = issuer.Address;
        return issuer;
    }

    /// <summary>Makes a new key, and publishes it alone.</summary>
    public void Rotate()
    {
        Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        KeyId = $"key-{Guid.NewGuid():N}";
        Jwks = new JsonObject { ["keys"] = new JsonArray(PublicJwk(Key, KeyId)) };
    }

    /// <summary>The public JWK of an EC key.</summary>
    public static JsonObject PublicJwk(ECDsa key, string keyId)
    {
        var point = key.ExportParameters(false).Q;
        return new JsonObject
        {
            ["kty"] = "EC",
            ["crv"] = "P-256",
            ["x"] = Base64Url.EncodeToString(point.X),
            ["y"] = Base64Url.EncodeToString(point.Y),
            ["kid"] = keyId,
            ["use"] = "sig",
            ["alg"] = "ES256",
        };
    }

    public static string Certificate(ECDsa key)
    {
        var request = new CertificateRequest("CN=issuer", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return Convert.ToBase64String(certificate.RawData);
    }

    /// <summary>The claims of a good token for an actor, to be changed by the test.</summary>
    public JsonObject Claims(string omni = Actors.Alice)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return new JsonObject
        {
            ["iss"] = Address,
            ["sub"] = "agentkeys:agent:0x" + omni[..40],
            ["aud"] = "sts.amazonaws.com",
            ["iat"] = now,
            ["exp"] = now + 300,
            ["https://aws.amazon.com/tags"] = new JsonObject
            {
                ["principal_tags"] = new JsonObject
                {
                    ["agentkeys_user_wallet"] = new JsonArray("0x" + omni[..40]),
                    ["agentkeys_actor_omni"] = new JsonArray(omni),
                },
                ["transitive_tag_keys"] = new JsonArray("agentkeys_user_wallet", "agentkeys_actor_omni"),
            },
        };
    }

    public string Sign(JsonObject claims) =>
        Sign(claims, new JsonObject { ["alg"] = "ES256", ["typ"] = "JWT", ["kid"] = KeyId });

    public string Sign(JsonObject claims, JsonObject header) => Sign(
        claims.ToJsonString(), header.ToJsonString(),
        input => Key.SignData(input, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));

    public static string Sign(string claims, string header, Func<byte[], byte[]> sign)
    {
        var input = $"{Encode(Encoding.UTF8.GetBytes(header))}.{Encode(Encoding.UTF8.GetBytes(claims))}";
        return $"{input}.{Encode(sign(Encoding.ASCII.GetBytes(input)))}";

        static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
