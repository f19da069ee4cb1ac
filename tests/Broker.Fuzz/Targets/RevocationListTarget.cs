using Broker.Attestation.Verification;

namespace Broker.Fuzz.Targets;

internal sealed class RevocationListTarget : IFuzzTarget
{
    public string Name => "crl";

    public int Weight => 10;

    public IEnumerable<byte[]> Seeds() =>
    [
        SimulatedSeeds.Collateral.PckCrl.ToArray(), SimulatedSeeds.Collateral.RootCaCrl.ToArray(),
        .. Corpus.Files("crl", "*.der"),
    ];

    public void Execute(byte[] input) => CertificateRevocationList.TryRead(input);

    public long AllocationBound(int inputLength) => 64 * 1024 + (96L * inputLength);
}
