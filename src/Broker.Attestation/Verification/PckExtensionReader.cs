using System.Collections.Immutable;
using System.Formats.Asn1;

namespace Broker.Attestation.Verification;

/// <summary>
/// Reads the SGX extension of a PCK certificate. Each item must be there exactly once: five from the Processor CA,
/// seven from the Platform CA.
/// </summary>
internal static class PckExtensionReader
{
    public const string Oid = "1.2.840.113741.1.13.1";

    private const int ComponentCount = 16;

    /// <summary>Null when the extension is absent or not of its shape.</summary>
    public static PckIdentity? TryRead(SgxCertificate leaf, bool fromPlatformCa)
    {
        if (leaf.ExtensionValue(Oid) is not { } encoded) return null;
        try
        {
            return Read(encoded, fromPlatformCa);
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private static PckIdentity? Read(ReadOnlyMemory<byte> encoded, bool fromPlatformCa)
    {
        if (ReadItems(encoded, Oid) is not { } items || items.Count != (fromPlatformCa ? 7 : 5)) return null;
        if (!items.TryGetValue(1, out var ppid) || !items.TryGetValue(2, out var tcb)
            || !items.TryGetValue(3, out var pceId) || !items.TryGetValue(4, out var fmspc)
            || !items.TryGetValue(5, out var type))
        {
            return null;
        }

        ReadOnlyMemory<byte>? platformInstance = null;
        if (fromPlatformCa)
        {
            // .7, the configuration flags, decides nothing here but must be there.
            if (!items.TryGetValue(6, out var instance) || !items.ContainsKey(7)) return null;
            if ((platformInstance = Octets(instance, 16)) is null) return null;
        }

        if (ReadTcb(tcb) is not { } levels) return null;
        if (Octets(ppid, 16) is not { } ppidBytes || Octets(pceId, 2) is not { } pceIdBytes) return null;
        if (Octets(fmspc, 6) is not { } fmspcBytes || ReadEnumerated(type) is not { } sgxType) return null;

        return new PckIdentity
        {
            Ppid = ppidBytes,
            SgxTcbComponents = levels.Components,
            PceSvn = levels.PceSvn,
            CpuSvn = levels.CpuSvn,
            PceId = pceIdBytes,
            Fmspc = fmspcBytes,
            SgxType = sgxType,
            PlatformInstanceId = platformInstance,
        };
    }

    private static (ImmutableArray<byte> Components, ushort PceSvn, ReadOnlyMemory<byte> CpuSvn)? ReadTcb(
        ReadOnlyMemory<byte> encoded)
    {
        if (ReadItems(encoded, Oid + ".2") is not { } items || items.Count != ComponentCount + 2) return null;

        var components = ImmutableArray.CreateBuilder<byte>(ComponentCount);
        for (var number = 1; number <= ComponentCount; number++)
        {
            if (!items.TryGetValue(number, out var item) || Number(item, byte.MaxValue) is not { } svn) return null;
            components.Add((byte)svn);
        }

        if (!items.TryGetValue(17, out var pce) || Number(pce, ushort.MaxValue) is not { } pceSvn) return null;
        if (!items.TryGetValue(18, out var cpu) || Octets(cpu, 16) is not { } cpuSvn) return null;
        return (components.MoveToImmutable(), (ushort)pceSvn, cpuSvn);
    }

    /// <summary>
    /// A SEQUENCE OF SEQUENCE { OID, value } by the last arc of each OID; null when an OID is foreign or repeated.
    /// </summary>
    private static Dictionary<int, ReadOnlyMemory<byte>>? ReadItems(ReadOnlyMemory<byte> encoded, string parentOid)
    {
        var outer = new AsnReader(encoded, AsnEncodingRules.DER);
        var sequence = outer.ReadSequence();
        outer.ThrowIfNotEmpty();

        var items = new Dictionary<int, ReadOnlyMemory<byte>>();
        while (sequence.HasData)
        {
            var item = sequence.ReadSequence();
            var oid = item.ReadObjectIdentifier();
            var value = item.ReadEncodedValue();
            item.ThrowIfNotEmpty();
            if (!oid.StartsWith(parentOid + ".", StringComparison.Ordinal)) return null;
            if (!int.TryParse(oid.AsSpan(parentOid.Length + 1), out var arc) || !items.TryAdd(arc, value)) return null;
        }

        return items;
    }

    private static ReadOnlyMemory<byte>? Octets(ReadOnlyMemory<byte> encoded, int length)
    {
        var octets = new AsnReader(encoded, AsnEncodingRules.DER).ReadOctetString();
        if (octets.Length != length) return null;
        return octets;
    }

    private static int? Number(ReadOnlyMemory<byte> encoded, int most)
        => new AsnReader(encoded, AsnEncodingRules.DER).TryReadInt32(out var number) && number >= 0 && number <= most
            ? number
            : null;

    private static int? ReadEnumerated(ReadOnlyMemory<byte> encoded)
    {
        var content = new AsnReader(encoded, AsnEncodingRules.DER).ReadEnumeratedBytes();
        return content.Length == 1 && content.Span[0] <= 2 ? content.Span[0] : null;
    }
}
