using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;

namespace Broker.Fuzz.Targets;

/// <summary>
/// The whole verifier on mutated quotes: nothing is accepted whose signed region is not that of a quote that was made.
/// </summary>
internal sealed class VerifierTarget : IFuzzTarget
{
    private readonly QuoteVerifier _verifier = new(SimulatedSeeds.Anchors);
    private readonly PreparedCollateral _collateral;
    private readonly HashSet<string> _made;

    public VerifierTarget()
    {
        _collateral = _verifier.Prepare(SimulatedSeeds.CleanCollateral, TeeType.Tdx);
        _made = [.. Seeds().Select(quote => Convert.ToHexString(QuoteParser.Parse(quote).Quote!.SignedRegion.Span))];
    }

    public string Name => "verifier";

    public int Weight => 1;

    public IEnumerable<byte[]> Seeds() => [SimulatedSeeds.Quote, SimulatedSeeds.Quote15];

    public void Execute(byte[] input)
    {
        if (QuoteParser.Parse(input).Quote is { } quote
            && _verifier.Verify(quote, _collateral, SimulatedSeeds.Now) is VerifiedQuote verified
            && !_made.Contains(Convert.ToHexString(verified.Quote.SignedRegion.Span)))
        {
            throw new FuzzFindingException("a quote that nobody made was verified");
        }
    }

    public long AllocationBound(int inputLength) => 256 * 1024 + (32L * inputLength);
}
