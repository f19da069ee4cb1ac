using Broker.Attestation.EventLog;

namespace Broker.Fuzz.Targets;

/// <summary>The packed event log of certificates: unpacking is bounded whatever the packed bytes claim.</summary>
internal sealed class CompressedEventLogTarget : IFuzzTarget
{
    public string Name => "event-log-packed";

    public int Weight => 6;

    public IEnumerable<byte[]> Seeds() =>
    [
        CompressedEventLog.Pack(SimulatedSeeds.Attestation.EventLog.Stripped()),
        .. Corpus.Files("dstack", "event_log_elgzv1.bin"),
    ];

    public void Execute(byte[] input) => CompressedEventLog.Parse(input);

    public long AllocationBound(int inputLength)
        => 256 * 1024 + (128L * Math.Max(inputLength, CompressedEventLog.MaxUnpackedLength));
}
