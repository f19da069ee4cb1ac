using System.Security.Cryptography;
using System.Text;
using Broker.Cryptography;

namespace Broker.SigningKeys;

/// <summary>
/// Keys for what lies in the state database and is for nobody who only reads it. They come from the ledger key: an
/// Ed25519 signature (RFC 8032, the same each time) over a text that nothing else signs never leaves the process, and
/// HKDF-SHA256 (RFC 5869) makes a key for each purpose of it. Another ledger key gives other keys.
/// </summary>
internal static class DerivedKey
{
    /// <summary>32 bytes for this purpose.</summary>
    public static byte[] Of(Ed25519SigningKey ledgerKey, string purpose)
    {
        var root = ledgerKey.Sign("broker: derived keys, v1\n"u8);
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, root, 32, info: Encoding.ASCII.GetBytes(purpose));
        CryptographicOperations.ZeroMemory(root);
        return key;
    }
}
