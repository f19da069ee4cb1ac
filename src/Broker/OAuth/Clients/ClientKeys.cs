using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Broker.OAuth.Clients;

/// <summary>Reads the public keys of a client: P-256, for ES256 signatures.</summary>
internal static class ClientKeys
{
    private const int Most = 16;

    /// <exception cref="FormatException">The keys are not usable.</exception>
    public static JsonWebKeySet Read(string client, WrittenKeys written)
    {
        if (written.Keys.Length is 0 or > Most) throw new FormatException($"{client}: jwks must have 1 to {Most} keys");
        var keys = new JsonWebKeySet();
        foreach (var key in written.Keys) keys.Keys.Add(Key(client, key));
        return keys;
    }

    private static JsonWebKey Key(string client, WrittenKey written)
    {
        if (written is not { Kty: "EC", Crv: "P-256", Alg: null or "ES256", Use: null or "sig" })
            throw new FormatException($"{client}: a key must be EC, P-256, for ES256 signatures");
        try
        {
            var point = new ECPoint
            {
                X = Base64Url.DecodeFromChars(written.X),
                Y = Base64Url.DecodeFromChars(written.Y),
            };
            using var _ = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });
        }
        catch (Exception wrong) when (wrong is FormatException or CryptographicException)
        {
            throw new FormatException($"{client}: a key's x and y are not a point of P-256", wrong);
        }

        return new JsonWebKey
        {
            Kty = written.Kty,
            Crv = written.Crv,
            X = written.X,
            Y = written.Y,
            Kid = written.Kid,
            Alg = SecurityAlgorithms.EcdsaSha256,
            Use = JsonWebKeyUseNames.Sig,
        };
    }
}
