using Broker.Attestation.EventLog;

namespace Broker.Fuzz.Targets;

/// <summary>The TCG event log that firmware leaves in the CCEL table.</summary>
internal sealed class CcEventLogTarget : IFuzzTarget
{
    public string Name => "ccel";

    public int Weight => 10;

    public IEnumerable<byte[]> Seeds()
        => [new byte[64], .. Corpus.Files("ccel", "*ccel*"), .. Corpus.Files("ccel", "*.dat")];

    public void Execute(byte[] input) => CcEventLog.Parse(input);

    public long AllocationBound(int inputLength) => 64 * 1024 + (64L * inputLength);
}
