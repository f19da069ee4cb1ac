using System.Buffers.Binary;
using System.Security.Cryptography;
using Broker.Attestation.Decoding;

namespace Broker.Attestation.EventLog;

/// <summary>
/// The confidential-computing event log (CCEL) that firmware leaves in an ACPI area (TCG PC Client Platform Firmware
/// Profile §10.2): one record in the old SHA-1 form, whose data names the digest algorithms, then records of
/// <c>register u32 ‖ type u32 ‖ count u32 ‖ { algorithm u16 ‖ digest } ‖ size u32 ‖ data</c>, all little-endian, until
/// filler of 0xff or the end. The register counts from 1 (MRTD = 0 does not occur), so RTMR0 is 1.
/// </summary>
public static class CcEventLog
{
    /// <summary>The largest area that firmware reserves, with room to spare.</summary>
    public const int MaxLength = 4 * 1024 * 1024;

    private const uint NoAction = 3;
    private const uint EndOfLog = 0xffff_ffff;
    private const ushort Sha384Algorithm = 0x000c;

    private static ReadOnlySpan<byte> SpecIdSignature => "Spec ID Event03\0"u8;

    /// <summary>
    /// The events that extend a register, in order; EV_NO_ACTION records extend nothing and are left out.
    /// </summary>
    public static Decoded<TdxEventLog> Parse(ReadOnlySpan<byte> area)
    {
        if (area.Length > MaxLength) return Refused($"event log area of {area.Length} bytes is above {MaxLength}");
        var cursor = new Cursor(area);
        ReadHeader(ref cursor);

        var events = new List<TdxEvent>();
        while (!cursor.Failed && cursor.Remaining >= sizeof(uint))
        {
            var register = cursor.ReadUInt32();
            if (register == EndOfLog) break;
            if (ReadEvent(ref cursor, register) is { } entry) events.Add(entry);
        }

        return cursor.Failure is { } failure ? Refused(failure) : new TdxEventLog(events);
    }

    private static void ReadHeader(ref Cursor cursor)
    {
        cursor.ReadUInt32();
        var type = cursor.ReadUInt32();
        cursor.Take(SHA1.HashSizeInBytes);
        var data = cursor.Take(cursor.ReadUInt32());
        if (type != NoAction || !data.StartsWith(SpecIdSignature))
        {
            cursor.Fail("event log does not start with a Spec ID event");
        }
    }

    private static TdxEvent? ReadEvent(ref Cursor cursor, uint register)
    {
        var type = cursor.ReadUInt32();
        var digests = cursor.ReadUInt32();
        // TDX firmware writes SHA-384 alone; another algorithm has a length that this reader would have to guess.
        if (digests != 1 || cursor.ReadUInt16() != Sha384Algorithm)
        {
            cursor.Fail("event without exactly one SHA-384 digest");
        }

        var digest = cursor.Take(SHA384.HashSizeInBytes).ToArray();
        var data = cursor.Take(cursor.ReadUInt32()).ToArray();
        if (cursor.Failed || type == NoAction) return null;
        if (register is 0 or > 4)
        {
            cursor.Fail($"event for measurement register {register}");
            return null;
        }

        return new TdxEvent(register - 1, type, digest, "", data);
    }

    private static Decoded<TdxEventLog> Refused(string error) => Decoded<TdxEventLog>.Refused(error);

    private ref struct Cursor(ReadOnlySpan<byte> area)
    {
        private ReadOnlySpan<byte> _rest = area;

        public string? Failure { get; private set; }

        public readonly bool Failed => Failure is not null;

        public readonly int Remaining => _rest.Length;

        public ushort ReadUInt16()
            => Take(2) is { Length: 2 } bytes ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : (ushort)0;

        public uint ReadUInt32() => Take(4) is { Length: 4 } bytes ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;

        public void Fail(string reason) => Failure ??= reason;

        public ReadOnlySpan<byte> Take(uint count)
        {
            if (Failed) return default;
            if (count > (uint)_rest.Length)
            {
                Fail($"event log ends inside a field of {count} bytes");
                return default;
            }

            var taken = _rest[..(int)count];
            _rest = _rest[(int)count..];
            return taken;
        }
    }
}
