using Broker.Attestation.CertificateRequests;
using Broker.Attestation.EventLog;

namespace Broker.Fuzz.Targets;

/// <summary>Certificate requests of guests, both versions.</summary>
internal sealed class CsrTarget : IFuzzTarget
{
    public string Name => "csr";

    public int Weight => 20;

    public IEnumerable<byte[]> Seeds()
    {
        var config = new CsrConfig("org", "guest", ["guest.example"], true, true, true, true, 1, 2);
        yield return new CsrV2(CsrSignature.ConfirmWord, new byte[91], config, SimulatedSeeds.Attestation).Encode();
        yield return new CsrV1(
            CsrSignature.ConfirmWord, new byte[91], config, SimulatedSeeds.Quote,
            EventLogJson.Write(SimulatedSeeds.Attestation.EventLog)).Encode();
    }

    public void Execute(byte[] input)
    {
        CsrV1.Decode(input);
        CsrV2.Decode(input);
    }

    public long AllocationBound(int inputLength) => 64 * 1024 + (64L * inputLength);
}
