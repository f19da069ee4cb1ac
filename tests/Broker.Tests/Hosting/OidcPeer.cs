using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Broker.Tests.Hosting;

/// <summary>
/// An OpenID provider (discovery, JWKS, token endpoint; RS256), whose people say yes at once, and which can lie in each
/// part of an identity token.
/// </summary>
public sealed class OidcPeer : IAsyncDisposable
{
    public const string ClientId = "broker-at-provider";
    public const string ClientSecret = "the-secret-at-the-provider";

    private readonly RSA _key = RSA.Create(2048);
    private readonly Dictionary<string, Grant> _codes = [];
    private readonly WebApplication _server = Peers.NewServer();
    private readonly TestClock _clock;

    private OidcPeer(TestClock clock) => _clock = clock;

    public string Issuer { get; private set; } = "";

    /// <summary>Changes the claims of the next identity tokens.</summary>
    public Action<Dictionary<string, object>>? Tamper { get; set; }

    /// <summary>Signs the next identity tokens; null for the published key.</summary>
    public RSA? OtherKey { get; set; }

    /// <summary>The <c>alg</c> that the next identity tokens claim.</summary>
    public string Algorithm { get; set; } = "RS256";

    /// <summary>What the token endpoint answers in place of tokens; 0 for tokens.</summary>
    public int TokenStatus { get; set; }

    /// <summary>The verified exchanges.</summary>
    public int Exchanges { get; private set; }

    public static async Task<OidcPeer> StartAsync(TestClock clock)
    {
        var peer = new OidcPeer(clock);
        peer.MapAll();
        await peer._server.StartAsync();
        peer.Issuer = peer._server.Urls.Single();
        return peer;
    }

    /// <summary>
    /// The person signs in as <paramref name="subject"/> at this address: the query with which the provider sends it back.
    /// </summary>
    public string Authorize(string authorizationUrl, string subject)
    {
        var query = HttpUtility.ParseQueryString(new Uri(authorizationUrl).Query);
        var code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        _codes[code] = new Grant(
            subject, query["nonce"]!, query["code_challenge"]!, query["redirect_uri"]!, query["client_id"]!);
        return $"code={code}&state={Uri.EscapeDataString(query["state"]!)}";
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _key.Dispose();
    }

    private void MapAll()
    {
        _server.MapGet("/.well-known/openid-configuration", () => Results.Json(new Dictionary<string, object>
        {
            ["issuer"] = Issuer,
            ["authorization_endpoint"] = Issuer + "/authorize",
            ["token_endpoint"] = Issuer + "/token",
            ["jwks_uri"] = Issuer + "/jwks",
            ["response_types_supported"] = new[] { "code" },
            ["subject_types_supported"] = new[] { "public" },
            ["id_token_signing_alg_values_supported"] = new[] { "RS256" },
            ["code_challenge_methods_supported"] = new[] { "S256" },
            ["token_endpoint_auth_methods_supported"] = new[] { "client_secret_post" },
        }));
        _server.MapGet("/jwks", () =>
        {
            var key = _key.ExportParameters(false);
            return Results.Json(new
            {
                keys = new[]
                {
                    new
                    {
                        kty = "RSA",
                        kid = "one",
                        alg = "RS256",
                        use = "sig",
                        n = Base64Url.EncodeToString(key.Modulus!),
                        e = Base64Url.EncodeToString(key.Exponent!),
                    },
                },
            });
        });
        _server.MapPost("/token", (Delegate)ExchangeAsync);
    }

    private async Task<IResult> ExchangeAsync(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync();
        if (TokenStatus != 0) return Results.StatusCode(TokenStatus);

        // RFC 6749 §4.1.3 and RFC 7636 §4.6: the code once, the client with its secret, the verifier of the challenge.
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"]!)));
        if (!_codes.Remove(form["code"]!, out var grant) || grant.Challenge != challenge
            || grant.RedirectUri != form["redirect_uri"] || form["client_id"] != ClientId
            || form["client_secret"] != ClientSecret || grant.ClientId != ClientId)
        {
            return Results.Json(new { error = "invalid_grant" }, statusCode: 400);
        }

        Exchanges++;
        var claims = new Dictionary<string, object>
        {
            ["iss"] = Issuer,
            ["sub"] = grant.Subject,
            ["aud"] = ClientId,
            ["iat"] = _clock.UnixSeconds,
            ["exp"] = _clock.UnixSeconds + 300,
            ["nonce"] = grant.Nonce,
        };
        Tamper?.Invoke(claims);
        return Results.Json(new
        {
            access_token = "opaque",
            token_type = "Bearer",
            expires_in = 300,
            id_token = Sign(claims),
        });
    }

    private string Sign(Dictionary<string, object> claims)
    {
        var header = JsonSerializer.Serialize(new { alg = Algorithm, kid = "one", typ = "JWT" });
        var signed = $"{Jws.Encode(header)}.{Jws.Encode(JsonSerializer.Serialize(claims))}";
        var signature = Algorithm switch
        {
            "none" => [],
            "HS256" => HMACSHA256.HashData(Encoding.UTF8.GetBytes(ClientSecret), Encoding.ASCII.GetBytes(signed)),
            _ => (OtherKey ?? _key).SignData(
                Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        };
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private sealed record Grant(string Subject, string Nonce, string Challenge, string RedirectUri, string ClientId);
}
