using System.Collections.Concurrent;
using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Collateral;

/// <summary>
/// Judges quotes with collateral from a source: what a service asks. Preparation of collateral is kept for as long
/// as the source gives the same; its dates are checked with every quote.
/// </summary>
public sealed class CollateralBackedVerifier(TrustAnchors anchors, ICollateralSource source)
{
    private readonly QuoteVerifier _verifier = new(anchors);
    private readonly ConcurrentDictionary<CollateralKey, PreparedCollateral> _prepared = new();

    /// <summary>
    /// The verdict at <paramref name="now"/>. Collateral that cannot be had is a refusal (<c>INPUT</c>), never a pass.
    /// </summary>
    public async Task<QuoteVerdict> VerifyAsync(ReadOnlyMemory<byte> quote, DateTimeOffset now, CancellationToken stop)
    {
        var parsed = QuoteParser.Parse(quote.Span);
        if (!parsed.Succeeded) return new RefusedQuote(parsed.Refusal, null);
        if (!CollateralKey.TryFrom(parsed.Quote, anchors, out var key, out var refusal))
        {
            return new RefusedQuote(refusal, parsed.Quote);
        }

        QuoteCollateral collateral;
        try
        {
            collateral = await source.GetAsync(key, stop);
        }
        catch (CollateralUnavailableException unavailable)
        {
            return new RefusedQuote(
                new QuoteRefusal(QuoteRefusalReason.Input, $"no collateral: {unavailable.Message}"), parsed.Quote);
        }

        if (!_prepared.TryGetValue(key, out var prepared) || !ReferenceEquals(prepared.Source, collateral))
        {
            prepared = _verifier.Prepare(collateral, key.Tee);
            _prepared[key] = prepared;
        }

        return _verifier.Verify(quote.Span, prepared, now);
    }
}
