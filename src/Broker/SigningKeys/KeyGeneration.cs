using System.Security.Cryptography;
using Broker.Cryptography;

namespace Broker.SigningKeys;

/// <summary>Makes new keys for <c>keygen</c>, <c>--init</c> and development mode.</summary>
internal static class KeyGeneration
{
    /// <summary>
    /// A fresh key for <paramref name="purpose"/>. The kid is the RFC 7638 thumbprint for P-256 and RSA keys, and
    /// <c>ledger-&lt;unix seconds&gt;</c> for the ledger's, whose verifier key names itself.
    /// </summary>
    public static KeyFile Create(string purpose, TimeProvider time)
    {
        if (purpose == KeyPurpose.Ledger)
        {
            using var ledgerKey = Ed25519SigningKey.Generate();
            var keyId = $"ledger-{time.GetUtcNow().ToUnixTimeSeconds()}";
            return new KeyFile(keyId, ledgerKey.ExportPkcs8PrivateKeyPem(), purpose);
        }

        if (purpose == KeyPurpose.OidcRs256)
        {
            using var rsa = RSA.Create(Rs256Key.UsualBits);
            return new KeyFile(Rs256Key.ThumbprintOf(rsa), rsa.ExportPkcs8PrivateKeyPem(), purpose);
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new KeyFile(EcJwk.FromPublicKey(key).Thumbprint(), key.ExportPkcs8PrivateKeyPem(), purpose);
    }
}
