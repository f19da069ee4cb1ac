using Broker.Attestation.Evidence;


namespace Broker.Fuzz.Targets;

/// <summary>dstack's envelope in both forms: what is accepted and written again decodes again.</summary>
internal sealed class AttestationTarget : IFuzzTarget
{
    public string Name => "attestation";

    public int Weight => 20;

    public IEnumerable<byte[]> Seeds() =>
    [
        ScaleAttestation.Encode(SimulatedSeeds.Attestation), MessagePackAttestation.Encode(SimulatedSeeds.Attestation),
        .. Corpus.Files(Path.Combine("dstack", "simulator"), "attestation*"),
        .. Corpus.Files(Path.Combine("dstack", "verifier"), "*.bin"),
    ];

    public void Execute(byte[] input)
    {
        if (VersionedAttestation.Decode(input) is not { Succeeded: true, Value: { } attestation }) return;
        if (!VersionedAttestation.Decode(attestation.Encode()).Succeeded)
        {
            throw new FuzzFindingException("cannot read what it wrote");
        }
    }

    public long AllocationBound(int inputLength) => 64 * 1024 + (64L * inputLength);
}
