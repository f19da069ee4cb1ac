using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;

namespace Broker.Fuzz.Targets;

/// <summary>Certificates of the SGX hierarchy with all that is read from them: profile, names, SGX extension.</summary>
internal sealed class CertificateTarget : IFuzzTarget
{
    public string Name => "certificate";

    public int Weight => 20;

    public IEnumerable<byte[]> Seeds()
    {
        var quotes = new QuoteTarget().Seeds().Select(quote => QuoteParser.Parse(quote))
            .Where(parsed => parsed.Succeeded).Take(40);
        foreach (var parsed in quotes)
        {
            foreach (var der in PemChain.Read(parsed.Quote!.SignatureData.CertificationData.Span))
            {
                yield return der.ToArray();
            }
        }

        foreach (var der in PemChain.Read(SimulatedSeeds.Collateral.TcbInfoIssuerChain)) yield return der.ToArray();
    }

    public void Execute(byte[] input)
    {
        if (SgxCertificateReader.TryRead(input) is not { } certificate) return;
        var examination = new Examination();
        CertificateProfile.ExamineAuthority(examination, certificate, 0, CertificateRefusals.PckAuthority);
        CertificateProfile.ExamineEndEntity(examination, certificate, CertificateRefusals.Pck);
        PckExtensionReader.TryRead(certificate, fromPlatformCa: true);
        PckExtensionReader.TryRead(certificate, fromPlatformCa: false);
        examination.RefusalAt(SimulatedSeeds.Now);
    }

    public long AllocationBound(int inputLength) => 128 * 1024 + (64L * inputLength);
}
