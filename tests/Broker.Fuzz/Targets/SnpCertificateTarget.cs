using Broker.Attestation.SevSnp.Certificates;
using Broker.Attestation.SevSnp.Dstack;
using Broker.Attestation.SevSnp.Reports;

namespace Broker.Fuzz.Targets;

/// <summary>AMD's certificates, revocation lists and kernel tables, with all that is read from them.</summary>
internal sealed class SnpCertificateTarget : IFuzzTarget
{
    public string Name => "snp-certificate";

    public int Weight => 20;

    public IEnumerable<byte[]> Seeds() =>
    [
        SnpTrustAnchors.Amd.Root(ProcessorFamily.Milan).ToArray(), new byte[24],
        .. Corpus.Files(Path.Combine("..", "snp"), "*.der"),
        .. Corpus.Files(Path.Combine("..", "snp", "certificate-tables"), "*.bin"),
    ];

    public void Execute(byte[] input)
    {
        CertificateTable.Read(input, allowVlek: true);
        CertificateChain.Read([input, input]);
        SnpRevocationList.TryRead(input);
        if (SnpCertificateReader.TryRead(input) is not { } certificate) return;
        LeafIdentity.FamilyOf(certificate);
        foreach (var family in Enum.GetValues<ProcessorFamily>())
        {
            LeafIdentity.Read(certificate, family, SnpSigningKey.Vcek);
            LeafIdentity.Read(certificate, family, SnpSigningKey.Vlek);
        }
    }

    public long AllocationBound(int inputLength) => 256 * 1024 + (128L * inputLength);
}
