using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;

namespace Broker.LocalCloud.Tests.Support;

/// <summary>An OIDC issuer on loopback: discovery, JWKS, and tokens signed as a test wants them.</summary>
internal sealed class TestIssuer : IDisposable
{
    private static readonly Guid Keys = Guid.NewGuid();

    private readonly WireMockServer _server = CannedServer.Start();
    private bool _broken;

    public TestIssuer()
    {
        DiscoveredIssuer = Address;
        Rotate();
        Broken = false;
        _server.Given(Request.Create().WithPath("/.well-known/openid-configuration").UsingGet())
            .RespondWith(Response.Create().WithHeader("Content-Type", "application/json").WithBody(_ =>
                new JsonObject { ["issuer"] = DiscoveredIssuer, ["jwks_uri"] = $"{Address}/jwks" }.ToJsonString()));
    }

    public string Address => _server.Url!;

    public string DiscoveredIssuer { get; set; }

    /// <summary>Whether it answers 500 in the place of its keys.</summary>
    public bool Broken
    {
        get => _broken;
        set
        {
            _broken = value;
            var answer = Response.Create().WithHeader("Content-Type", "application/json");
            _server.Given(KeyRequest()).WithGuid(Keys).RespondWith(
                value ? answer.WithStatusCode(500) : answer.WithBody(_ => Jwks.ToJsonString()));
        }
    }

    public int KeyRequests => _server.FindLogEntries(KeyRequest()).Count;

    public JsonObject Jwks { get; set; } = [];

    public ECDsa Key { get; private set; } = null!;

    public string KeyId { get; private set; } = "";

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

    public void Dispose() => _server.Dispose();

    private static IRequestBuilder KeyRequest() => Request.Create().WithPath("/jwks").UsingGet();
}
