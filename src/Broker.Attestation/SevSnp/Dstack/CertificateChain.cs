using Broker.Attestation.SevSnp.Certificates;
using Broker.Attestation.SevSnp.Reports;
using Broker.Attestation.Verification;

namespace Broker.Attestation.SevSnp.Dstack;

/// <summary>
/// The certificates of an envelope: none, the kernel's table in one element, or ASK and VCEK in two, each PEM or DER.
/// </summary>
public static class CertificateChain
{
    private const byte PemStart = (byte)'-';

    /// <summary>A leaf that is null says that the guest sent none, and that they have to be fetched.</summary>
    public static SnpOutcome<SnpCertificates> Read(IReadOnlyList<ReadOnlyMemory<byte>> elements, bool allowVlek = false)
        => elements.Count switch
        {
            0 => new SnpCertificates(null, null),
            1 => CertificateTable.Read(elements[0], allowVlek),
            2 => ReadPair(elements[0], elements[1]),
            _ => new SnpRefusal(
                SnpRefusalReason.CertTable, $"a certificate chain of {elements.Count} elements, at most 2 belong"),
        };

    /// <summary>The first of the certificates in PEM; DER as it is.</summary>
    public static ReadOnlyMemory<byte> First(ReadOnlyMemory<byte> element)
        => element.Length > 0 && element.Span[0] == PemStart && PemChain.Read(element.Span) is [var first, ..]
            ? first
            : element;

    /// <summary>One certificate, told by its first byte; null when PEM holds none or several.</summary>
    private static ReadOnlyMemory<byte>? ReadOne(ReadOnlyMemory<byte> element)
    {
        if (element.Length == 0 || element.Span[0] != PemStart) return element;
        if (element.Length > CertificateTable.MaxLength) return null;
        var certificates = PemChain.Read(element.Span);
        return certificates.Length == 1 ? certificates[0] : (ReadOnlyMemory<byte>?)null;
    }

    private static SnpOutcome<SnpCertificates> ReadPair(
        ReadOnlyMemory<byte> intermediate, ReadOnlyMemory<byte> leaf)
        => ReadOne(intermediate) is { } first && ReadOne(leaf) is { } second
            ? new SnpCertificates(second, first)
            : new SnpRefusal(SnpRefusalReason.CertMalformed, "an element of the chain is not one PEM certificate");
}
