using System.Buffers.Binary;
using System.Security.Cryptography;
using Broker.Attestation.Decoding;

namespace Broker.Attestation.OsImage;

/// <summary>
/// The Authenticode digest of a PE image with SHA-384 (Windows Authenticode Portable Executable Signature Format,
/// "Calculating the PE Image Hash"): the file without its checksum, without the entry that points to signatures, and
/// without the signatures.
/// </summary>
internal static class Authenticode
{
    private const int CoffHeaderLength = 20;
    private const int SectionHeaderLength = 40;
    private const int ChecksumOffset = 64;
    private const int SizeOfHeadersOffset = 60;
    private const int SecurityDirectoryIndex = 4;
    private const ushort Pe32Plus = 0x20b;

    public static Decoded<byte[]> Sha384(ReadOnlySpan<byte> image)
    {
        try
        {
            return Compute(image);
        }
        catch (Exception fault) when (fault is ArgumentOutOfRangeException or OverflowException)
        {
            // Every offset in the file is somebody else's; slicing checks them all.
            return Decoded<byte[]>.Refused("failed to compute kernel hash: a PE header points outside the file");
        }
    }

    private static Decoded<byte[]> Compute(ReadOnlySpan<byte> image)
    {
        var pe = checked((int)UInt32(image, 0x3c));
        if (!image[pe..].StartsWith("PE\0\0"u8))
        {
            return Decoded<byte[]>.Refused("failed to compute kernel hash: invalid PE signature");
        }

        var coff = pe + 4;
        var optional = coff + CoffHeaderLength;
        var checksum = optional + ChecksumOffset;
        var directories = optional + (UInt16(image, optional) == Pe32Plus ? 112 : 96);
        var security = directories + (8 * SecurityDirectoryIndex);
        var headers = checked((int)UInt32(image, optional + SizeOfHeadersOffset));

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA384);
        hash.AppendData(image[..checksum]);
        hash.AppendData(image[(checksum + 4)..security]);
        hash.AppendData(image[(security + 8)..headers]);

        var hashed = (long)headers;
        foreach (var (start, length) in Sections(image, coff, optional))
        {
            // A section may claim more than the file holds; what is there is hashed, what was claimed is counted.
            if (start < image.Length) hash.AppendData(image.Slice(start, (int)Math.Min(length, image.Length - start)));
            hashed += length;
        }

        var signatures = (long)UInt32(image, security + 4);
        if (UInt32(image, security) > 0 && signatures > 0 && image.Length - hashed > signatures)
        {
            hash.AppendData(image.Slice((int)hashed, (int)(image.Length - hashed - signatures)));
        }

        if (image.Length % 8 is var over and not 0) hash.AppendData(new byte[8 - over]);
        return hash.GetHashAndReset();
    }

    /// <summary>The sections that have data, in the order of the file.</summary>
    private static List<(int Start, long Length)> Sections(ReadOnlySpan<byte> image, int coff, int optional)
    {
        var table = optional + UInt16(image, coff + 16);
        var sections = new List<(int Start, long Length)>();
        for (var i = 0; i < UInt16(image, coff + 2); i++)
        {
            var section = table + (SectionHeaderLength * i);
            var length = UInt32(image, section + 16);
            var start = UInt32(image, section + 20);
            if (length > 0) sections.Add(((int)Math.Min(start, int.MaxValue), length));
        }

        return [.. sections.OrderBy(section => section.Start)];
    }

    private static ushort UInt16(ReadOnlySpan<byte> image, int offset)
        => BinaryPrimitives.ReadUInt16LittleEndian(image[offset..]);

    private static uint UInt32(ReadOnlySpan<byte> image, int offset)
        => BinaryPrimitives.ReadUInt32LittleEndian(image[offset..]);
}
