using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Broker.Cryptography;

/// <summary>
/// A P-256 public key as the parameters of a JWK (RFC 7518 §6.2.1): <paramref name="X"/> and <paramref name="Y"/> are
/// base64url without padding over exactly 32 bytes, leading zeros included. The other parameters are the same for every
/// such key: <see cref="KeyType"/> and <see cref="Curve"/>.
/// </summary>
public sealed record EcJwk(string X, string Y)
{
    public const string KeyType = "EC";
    public const string Curve = "P-256";

    /// <summary>The public half of <paramref name="key"/>, whether or not it also holds the private one.</summary>
    /// <exception cref="CryptographicException">The key is on another curve.</exception>
    public static EcJwk FromPublicKey(ECDsa key)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        if (parameters.Curve.Oid.Value != ECCurve.NamedCurves.nistP256.Oid.Value)
        {
            throw new CryptographicException($"an ES256 key is on P-256, not on {parameters.Curve.Oid.Value}");
        }

        // The framework exports coordinates at the full width of the field.
        return new EcJwk(Base64Url.EncodeToString(parameters.Q.X), Base64Url.EncodeToString(parameters.Q.Y));
    }

    /// <summary>
    /// The JWK thumbprint with SHA-256 (RFC 7638 §3): base64url of the digest over the required members in the order of
    /// their names, without white space.
    /// </summary>
    public string Thumbprint()
    {
        var canonical = $$"""{"crv":"{{Curve}}","kty":"{{KeyType}}","x":"{{X}}","y":"{{Y}}"}""";
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(canonical)));
    }
}
