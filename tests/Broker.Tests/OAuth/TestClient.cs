using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth;

/// <summary>An OAuth client with a real key, which signs its assertions as RFC 7523 has them.</summary>
internal sealed class TestClient(string id) : IDisposable
{
    public const string ClientCredentials = "client_credentials";
    public const string WalletGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    public const string TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    public const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    public string Id => id;

    public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The client as the operator's file has it.</summary>
    public object Entry(string[]? roles = null, params string[] grants) => roles is null
        ? new { client_id = id, jwks = new { keys = new[] { PublicKey() } }, grant_types = Granted(grants) }
        : new { client_id = id, jwks = new { keys = new[] { PublicKey() } }, grant_types = Granted(grants), roles };

    public object PublicKey()
    {
        var point = Key.ExportParameters(false).Q;
        return new
        {
            kty = "EC",
            crv = "P-256",
            x = Base64Url.EncodeToString(point.X),
            y = Base64Url.EncodeToString(point.Y),
            kid = "1",
        };
    }

    public string Assertion(
        DateTimeOffset now, string audience = BrokerApp.Issuer, string? jti = null, int lifetime = 60,
        string header = """{"alg":"ES256","kid":"1"}""")
    {
        var claims = JsonSerializer.Serialize(new
        {
            iss = id,
            sub = id,
            aud = audience,
            jti = jti ?? RandomNumberGenerator.GetHexString(16),
            iat = now.ToUnixTimeSeconds(),
            exp = now.ToUnixTimeSeconds() + lifetime,
        });
        return Jws.Sign(header, claims, Key);
    }

    /// <summary>The parameters that prove the client.</summary>
    public (string, string)[] Proof(DateTimeOffset now) =>
        [("client_assertion_type", AssertionType), ("client_assertion", Assertion(now))];

    public static string FileOf(TemporaryFolder folder, params object[] clients)
    {
        var path = folder.File("clients.json");
        File.WriteAllText(path, JsonSerializer.Serialize(clients));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    public void Dispose() => Key.Dispose();

    private static string[] Granted(string[] grants) => grants.Length > 0 ? grants : [ClientCredentials];
}
