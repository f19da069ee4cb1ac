using System.IO.Compression;
using Broker.Attestation.Decoding;

namespace Broker.Attestation.EventLog;

/// <summary>
/// The event-log extension of old RA-TLS certificates: JSON as it is, or <c>ELGZv1</c> followed by gzip of that JSON.
/// Unpacking stops at 16 KiB, whatever the stream would still hold.
/// </summary>
public static class CompressedEventLog
{
    public const int MaxUnpackedLength = 16 * 1024;

    private static ReadOnlySpan<byte> Magic => "ELGZv1"u8;

    public static bool IsCompressed(ReadOnlySpan<byte> content) => content.StartsWith(Magic);

    /// <summary>The events of either form.</summary>
    public static Decoded<TdxEventLog> Parse(ReadOnlyMemory<byte> content)
    {
        if (!IsCompressed(content.Span)) return EventLogJson.Parse(content);
        var json = Unpack(content[Magic.Length..]);
        return json.Succeeded ? EventLogJson.Parse(json.Value) : json.RefusedAs<TdxEventLog>();
    }

    public static byte[] Pack(TdxEventLog log)
    {
        using var packed = new MemoryStream();
        packed.Write(Magic);
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(EventLogJson.Write(log));
        }

        return packed.ToArray();
    }

    private static Decoded<byte[]> Unpack(ReadOnlyMemory<byte> packed)
    {
        try
        {
            using var gzip = new GZipStream(
                new MemoryStream(packed.ToArray(), writable: false), CompressionMode.Decompress);
            // One byte of room more than allowed tells "exactly the bound" from "above it".
            var unpacked = new byte[MaxUnpackedLength + 1];
            var length = gzip.ReadAtLeast(unpacked, unpacked.Length, throwOnEndOfStream: false);
            return length <= MaxUnpackedLength
                ? unpacked[..length]
                : Decoded<byte[]>.Refused($"compressed event log unpacks to more than {MaxUnpackedLength} bytes");
        }
        catch (InvalidDataException)
        {
            return Decoded<byte[]>.Refused("compressed event log is not gzip");
        }
    }
}
