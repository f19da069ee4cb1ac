using Broker.Attestation.EventLog;

namespace Broker.Fuzz.Targets;

internal sealed class EventLogJsonTarget : IFuzzTarget
{
    public string Name => "event-log-json";

    public int Weight => 10;

    public IEnumerable<byte[]> Seeds()
        => [EventLogJson.Write(SimulatedSeeds.Attestation.EventLog), .. Corpus.Files("dstack", "*event_log.json")];

    public void Execute(byte[] input)
    {
        if (EventLogJson.Parse(input) is not { Succeeded: true, Value: { } log }) return;
        if (!EventLogJson.Parse(EventLogJson.Write(log)).Succeeded)
        {
            throw new FuzzFindingException("cannot read what it wrote");
        }

        for (var imr = 0u; imr < 4; imr++) log.Replay(imr);
    }

    public long AllocationBound(int inputLength) => 128 * 1024 + (128L * inputLength);
}
