using Broker.Cryptography;

namespace Broker.Kms.Keys;

/// <summary>What the attestation of a bootstrap binds: both public keys of a new KMS.</summary>
internal static class BootstrapStatement
{
    /// <summary>
    /// The 64 bytes of report data: Keccak-256 of the statement, then 32 zero bytes. "genereted" is how the format
    /// spells it.
    /// </summary>
    public static byte[] ReportData(ReadOnlySpan<byte> caPublicKey, ReadOnlySpan<byte> k256PublicKey)
    {
        var statement = "dstack-kms-genereted-keys-v1:"
            + $"{Convert.ToHexStringLower(caPublicKey)};{Convert.ToHexStringLower(k256PublicKey)};";
        var reportData = new byte[64];
        Keccak256.HashData(System.Text.Encoding.ASCII.GetBytes(statement), reportData);
        return reportData;
    }
}
