using Broker.Attestation.SevSnp.Collateral;
using Broker.Attestation.SevSnp.Reports;

namespace Broker.Fuzz.Targets;

/// <summary>SEV-SNP reports, and the question that one leads to.</summary>
internal sealed class SnpReportTarget : IFuzzTarget
{
    public string Name => "snp-report";

    public int Weight => 20;

    public IEnumerable<byte[]> Seeds()
    {
        var made = new byte[SnpReportLayout.Length];
        made[SnpReportLayout.Version.Offset] = 3;
        made[SnpReportLayout.SignatureAlgorithm.Offset] = 1;
        return [made, .. Corpus.Files(Path.Combine("..", "snp"), "report.bin")];
    }

    public void Execute(byte[] input)
    {
        if (SnpReportReader.Read(input, allowVlek: true) is { Value: { } report }) VcekKey.Of(report);
    }

    public long AllocationBound(int inputLength) => 64 * 1024 + (16L * inputLength);
}
