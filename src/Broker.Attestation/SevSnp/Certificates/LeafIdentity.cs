using System.Formats.Asn1;
using Broker.Attestation.SevSnp.Reports;

namespace Broker.Attestation.SevSnp.Certificates;

/// <summary>What a leaf certifies, from AMD's extensions (AMD 57230).</summary>
/// <param name="Tcb">The firmware levels for which the key was derived.</param>
/// <param name="HardwareId">The chip, 64 bytes or on Turin 8; null in a VLEK, which is not for one chip.</param>
/// <param name="CloudProvider">Whom a VLEK was given to; null in a VCEK.</param>
internal sealed record LeafIdentity(TcbLevels Tcb, ReadOnlyMemory<byte>? HardwareId, string? CloudProvider)
{
    private const string Arc = "1.3.6.1.4.1.3704.1.";
    private const int LongestText = 256;

    /// <summary>
    /// The family in a leaf's product name. It counts once the leaf has verified under that family's root; until then
    /// it only chooses the root to try. Null when there is none or it is unknown.
    /// </summary>
    public static ProcessorFamily? FamilyOf(SnpCertificate leaf)
        => Text(leaf, "2") is { } product ? ProcessorFamilies.FromProductName(product) : null;

    /// <summary>Reads the extensions of a leaf whose chain holds.</summary>
    public static SnpOutcome<LeafIdentity> Read(SnpCertificate leaf, ProcessorFamily family, SnpSigningKey key)
    {
        if (Text(leaf, "2") is not { } product) return Malformed("product name");
        if (ProcessorFamilies.FromProductName(product) != family)
            return new SnpRefusal(SnpRefusalReason.ProductMismatch, $"the leaf is not for a {family}");

        var isTurin = family == ProcessorFamily.Turin;
        if (Level(leaf, "1") != (isTurin ? 1 : 0)) return Malformed("structure version");
        if (Level(leaf, "3.1") is not { } bootLoader || Level(leaf, "3.2") is not { } tee
            || Level(leaf, "3.3") is not { } snp || Level(leaf, "3.8") is not { } microcode)
        {
            return Malformed("firmware level");
        }

        byte? fmc = isTurin ? Level(leaf, "3.9") : 0;
        if (fmc is null) return Malformed("FMC level");
        string[] unused = isTurin ? ["3.5", "3.6", "3.7"] : ["3.4", "3.5", "3.6", "3.7"];
        if (unused.Any(tail => leaf.ExtensionValue(Arc + tail) is not null && Level(leaf, tail) != 0))
            return Malformed("reserved level");

        var tcb = new TcbLevels(fmc.Value, bootLoader, tee, snp, microcode);
        if (key == SnpSigningKey.Vlek)
        {
            return Text(leaf, "5") is { } provider
                ? new LeafIdentity(tcb, null, provider)
                : Malformed("cloud provider");
        }

        return leaf.ExtensionValue($"{Arc}4") is { } id && id.Length == (isTurin ? 8 : 64)
            ? new LeafIdentity(tcb, id, null)
            : Malformed("hardware id");
    }

    /// <summary>An INTEGER from 0 to 255; null when it is absent or anything else.</summary>
    private static byte? Level(SnpCertificate leaf, string tail)
    {
        if (leaf.ExtensionValue(Arc + tail) is not { } encoded) return null;
        try
        {
            var reader = new AsnReader(encoded, AsnEncodingRules.DER);
            var isInteger = reader.TryReadInt32(out var level);
            return isInteger && !reader.HasData && level is >= 0 and <= byte.MaxValue ? (byte)level : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    /// <summary>An IA5String; null when it is absent or anything else.</summary>
    private static string? Text(SnpCertificate leaf, string tail)
    {
        if (leaf.ExtensionValue(Arc + tail) is not { Length: <= LongestText } encoded) return null;
        try
        {
            var reader = new AsnReader(encoded, AsnEncodingRules.DER);
            var text = reader.ReadCharacterString(UniversalTagNumber.IA5String);
            return reader.HasData || text.Length == 0 ? null : text;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private static SnpRefusal Malformed(string what)
        => new(SnpRefusalReason.LeafExtensions, $"the leaf's {what} is absent or not of its form");
}
