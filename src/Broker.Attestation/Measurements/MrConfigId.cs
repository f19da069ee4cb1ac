using System.Security.Cryptography;
using System.Text;
using Broker.Cryptography;

namespace Broker.Attestation.Measurements;

/// <summary>Who gives a guest its keys, as <see cref="MrConfigId.V2"/> numbers them.</summary>
public enum KeyProviderKind
{
    None = 0,
    Local = 1,
    Kms = 2,
    Tpm = 3,
}

/// <summary>
/// MRCONFIGID as dstack's host sets it: 48 bytes, namely a version, 32 bytes of digest, and zeros. All zero means
/// that the host did not use it.
/// </summary>
public static class MrConfigId
{
    public const int Length = 48;

    private static ReadOnlySpan<byte> DocumentPrefix => "dstack-mr-config-v3:\0"u8;

    /// <summary>The compose hash itself.</summary>
    public static byte[] V1(ReadOnlySpan<byte> composeHash) => Of(1, composeHash);

    /// <summary>Keccak-256 of compose hash, app id, kind and identity of the key provider.</summary>
    public static byte[] V2(
        ReadOnlySpan<byte> composeHash,
        ReadOnlySpan<byte> appId,
        KeyProviderKind kind,
        ReadOnlySpan<byte> keyProviderId)
        => Of(2, Keccak256.HashData([.. composeHash, .. appId, (byte)kind, .. keyProviderId]));

    /// <summary>SHA-256 of a configuration document, over its exact text.</summary>
    public static byte[] V3(string document) => Of(3, DocumentDigest(document));

    /// <summary>SHA-256 of a configuration document: what SEV-SNP hosts put into HOST_DATA.</summary>
    public static byte[] DocumentDigest(string document)
        => SHA256.HashData([.. DocumentPrefix, .. Encoding.UTF8.GetBytes(document)]);

    private static byte[] Of(byte version, ReadOnlySpan<byte> digest)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(digest.Length, SHA256.HashSizeInBytes);
        var id = new byte[Length];
        id[0] = version;
        digest.CopyTo(id.AsSpan(1));
        return id;
    }
}
