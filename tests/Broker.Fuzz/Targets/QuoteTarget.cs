using Broker.Attestation.Quotes;

namespace Broker.Fuzz.Targets;

/// <summary>The quote parser: what it accepts, it can write back to the byte.</summary>
internal sealed class QuoteTarget : IFuzzTarget
{
    public string Name => "quote";

    public int Weight => 60;

    public IEnumerable<byte[]> Seeds() =>
    [
        SimulatedSeeds.Quote, SimulatedSeeds.Quote15,
        .. Corpus.Files("", "quote.bin"), .. Corpus.Files("parse-only", "*.bin"),
    ];

    public void Execute(byte[] input)
    {
        if (QuoteParser.Parse(input) is not { Succeeded: true, Quote: { } quote }) return;
        if (!QuoteEncoder.Encode(quote).AsSpan().SequenceEqual(input))
        {
            throw new FuzzFindingException("encodes otherwise");
        }
    }

    // The parser copies once; the encoder, run here on accepted inputs, a few times.
    public long AllocationBound(int inputLength) => 4096 + (12L * inputLength);
}
