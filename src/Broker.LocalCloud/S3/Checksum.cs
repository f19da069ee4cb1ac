using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Broker.LocalCloud.S3;

/// <summary>
/// The checksums that S3 clients send along, by the name in <c>x-amz-checksum-NAME</c>, each as bytes.
/// </summary>
internal static class Checksum
{
    public const string HeaderPrefix = "x-amz-checksum-";

    /// <summary>
    /// Reversed polynomials: CRC-32 (ISO-HDLC), CRC-32C (iSCSI), CRC-64/NVME; all bits set before and flipped after.
    /// </summary>
    private const ulong Crc32Polynomial = 0xEDB88320;
    private const ulong Crc32CPolynomial = 0x82F63B78;
    private const ulong Crc64NvmePolynomial = 0x9A6C9329AC4BC9B5;

    /// <returns>The checksum, or null for an algorithm that S3 does not have.</returns>
    public static byte[]? Compute(string algorithm, byte[] bytes)
    {
        switch (algorithm)
        {
            case "crc32": return Crc32(Crc32Polynomial, bytes);
            case "crc32c": return Crc32(Crc32CPolynomial, bytes);
            case "crc64nvme":
                var wide = new byte[sizeof(ulong)];
                BinaryPrimitives.WriteUInt64BigEndian(wide, ~Crc(Crc64NvmePolynomial, ulong.MaxValue, bytes));
                return wide;
#pragma warning disable CA5350 // SHA-1 is one of S3's transfer checksums; no trust rests on it.
            case "sha1": return SHA1.HashData(bytes);
#pragma warning restore CA5350
            case "sha256": return SHA256.HashData(bytes);
            default: return null;
        }
    }

    private static byte[] Crc32(ulong polynomial, byte[] bytes)
    {
        var sum = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(sum, (uint)~Crc(polynomial, uint.MaxValue, bytes));
        return sum;
    }

    private static ulong Crc(ulong polynomial, ulong register, byte[] bytes)
    {
        Span<ulong> table = stackalloc ulong[256];
        for (var index = 0; index < table.Length; index++)
        {
            var entry = (ulong)index;
            for (var bit = 0; bit < 8; bit++) entry = (entry & 1) == 0 ? entry >> 1 : (entry >> 1) ^ polynomial;
            table[index] = entry;
        }

        foreach (var unit in bytes) register = table[(int)((register ^ unit) & 0xFF)] ^ (register >> 8);
        return register;
    }
}
