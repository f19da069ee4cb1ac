using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Broker.Tests.OAuth.Foreign;

/// <summary>A foreign issuer: discovery, a key set, and tokens that say whatever a test wants.</summary>
public sealed class IssuerPeer : IAsyncDisposable
{
    private readonly WebApplication _server = Peers.NewServer();

    private IssuerPeer()
    {
    }

    public string Issuer { get; private set; } = "";

    public RSA Rsa { get; } = RSA.Create(2048);

    public ECDsa Ec { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The key ids of the RSA key and of the EC key.</summary>
    public (string Rsa, string Ec) KeyIds { get; set; } = ("rsa-1", "ec-1");

    /// <summary>What discovery names; null for the truth.</summary>
    public string? ShownIssuer { get; set; }

    public string? ShownJwksUri { get; set; }

    /// <summary>The text of the key set; null for the truth.</summary>
    public string? ShownKeys { get; set; }

    public bool IsDown { get; set; }

    public int Discoveries { get; private set; }

    public int KeyFetches { get; private set; }

    public static async Task<IssuerPeer> StartAsync()
    {
        var peer = new IssuerPeer();
        peer._server.MapGet("/.well-known/openid-configuration", () =>
        {
            peer.Discoveries++;
            return peer.Answer(JsonSerializer.Serialize(new
            {
                issuer = peer.ShownIssuer ?? peer.Issuer,
                jwks_uri = peer.ShownJwksUri ?? $"{peer.Issuer}/jwks",
            }));
        });
        peer._server.MapGet("/jwks", () =>
        {
            peer.KeyFetches++;
            return peer.Answer(peer.ShownKeys ?? peer.KeySet());
        });
        await peer._server.StartAsync();
        peer.Issuer = peer._server.Urls.Single();
        return peer;
    }

    public string KeySet()
    {
        var (rsa, ec) = (Rsa.ExportParameters(false), Ec.ExportParameters(false).Q);
        return JsonSerializer.Serialize(new
        {
            keys = new object[]
            {
                new { kty = "OKP", kid = "unknown-kind", crv = "Ed25519", x = "AA" },
                new
                {
                    kty = "RSA", kid = KeyIds.Rsa, use = "sig", n = Base64Url.EncodeToString(rsa.Modulus),
                    e = Base64Url.EncodeToString(rsa.Exponent),
                },
                new
                {
                    kty = "EC", kid = KeyIds.Ec, crv = "P-256", x = Base64Url.EncodeToString(ec.X),
                    y = Base64Url.EncodeToString(ec.Y),
                },
            },
        });
    }

    /// <summary>Claims that are right in every way, and what a test changes; null takes a claim out.</summary>
    public JsonObject Claims(DateTimeOffset now, params (string Name, JsonNode? Value)[] changes)
    {
        var claims = new JsonObject
        {
            ["iss"] = Issuer,
            ["sub"] = "job-1",
            ["aud"] = BrokerApp.Issuer,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.ToUnixTimeSeconds() + 300,
            ["jti"] = RandomNumberGenerator.GetHexString(16),
        };
        foreach (var (name, value) in changes)
        {
            if (value is null) claims.Remove(name);
            else claims[name] = value.DeepClone();
        }

        return claims;
    }

    public string SignEs256(JsonObject claims, string? header = null, ECDsa? key = null) => Jws.Sign(
        header ?? $$"""{"alg":"ES256","typ":"JWT","kid":"{{KeyIds.Ec}}"}""", claims.ToJsonString(), key ?? Ec);

    public string SignRs256(JsonObject claims)
    {
        var signed = $"{Jws.Encode($$"""{"alg":"RS256","typ":"JWT","kid":"{{KeyIds.Rsa}}"}""")}."
            + Jws.Encode(claims.ToJsonString());
        var signature = Rsa.SignData(
            Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Rsa.Dispose();
        Ec.Dispose();
    }

    private IResult Answer(string json) =>
        IsDown ? Results.StatusCode(503) : Results.Text(json, "application/json");
}
