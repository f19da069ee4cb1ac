using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Broker.Kms.Certificates;
using Broker.Kms.Keys;

namespace Broker.Kms.Derivation;

/// <summary>
/// The keys that a KMS's roots give to the broker in its process. Every replica of one KMS derives the same.
/// </summary>
/// <remarks>
/// HKDF-SHA256 (RFC 5869) over the root CA's 32-byte scalar ‖ the secp256k1 root's, with the salt
/// <c>agentkeys-broker-keys-v1</c>, which no derivation for apps has. The info is <c>length ‖ path ‖ length ‖ kind ‖
/// try</c>: lengths are two bytes, big-endian, the path is ASCII such as <c>oidc/issuer/v1</c>, the kind <c>p256</c>,
/// <c>ed25519</c> or <c>secret</c>, the try one byte that counts from 0 and goes on only where 32 bytes are no scalar of
/// P-256. Never change it: tokens, sessions and the ledger hang on it.
/// </remarks>
public sealed class BrokerKeys
{
    private const int Size = 32;

    private readonly byte[] _material;

    internal BrokerKeys(RootKeys roots)
    {
        var k256 = roots.ExportK256();
        _material = GC.AllocateArray<byte>(2 * Size, pinned: true);
        roots.Ca.Scalar.CopyTo(_material);
        k256.CopyTo(_material.AsSpan(Size));
        CryptographicOperations.ZeroMemory(k256);
    }

    /// <summary>Of the KMS in this folder; null where it has no complete set of keys yet.</summary>
    /// <exception cref="CryptographicException">A file holds something else.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It is not ours to read.</exception>
    public static BrokerKeys? Of(string certDir)
    {
        var folder = new KeyDirectory(certDir);
        return folder.IsComplete ? new BrokerKeys(KmsIdentity.Load(folder).Roots) : null;
    }

    /// <summary>A P-256 private key as PKCS#8 DER; the caller wipes it.</summary>
    public byte[] P256(string path)
    {
        for (byte attempt = 0; ; attempt++)
        {
            var scalar = Derive(path, "p256", attempt);
            try
            {
                return P256PrivateKey.FromScalar(scalar).ToPkcs8();
            }
            catch (CryptographicException) when (attempt < byte.MaxValue)
            {
                // Once in 2^32; the next one.
            }
            finally
            {
                CryptographicOperations.ZeroMemory(scalar);
            }
        }
    }

    /// <summary>The 32-byte seed of an Ed25519 key (RFC 8032); the caller wipes it.</summary>
    public byte[] Ed25519(string path) => Derive(path, "ed25519", attempt: 0);

    /// <summary>32 secret bytes; the caller wipes them.</summary>
    public byte[] Secret(string path) => Derive(path, "secret", attempt: 0);

    private byte[] Derive(string path, string kind, byte attempt) => HKDF.DeriveKey(
        HashAlgorithmName.SHA256, _material, Size, "agentkeys-broker-keys-v1"u8.ToArray(),
        [.. Prefixed(path), .. Prefixed(kind), attempt]);

    private static byte[] Prefixed(string text)
    {
        var prefixed = new byte[2 + text.Length];
        BinaryPrimitives.WriteUInt16BigEndian(prefixed, checked((ushort)text.Length));
        Encoding.ASCII.GetBytes(text, prefixed.AsSpan(2));
        return prefixed;
    }
}
