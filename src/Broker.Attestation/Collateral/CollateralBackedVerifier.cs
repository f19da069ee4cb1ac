using Broker.Attestation.Decoding;
using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Collateral;

/// <summary>
/// Judges quotes with collateral from a source: what a service asks. The quote's chain is read once, to find the
/// collateral by and to be judged.
/// </summary>
/// <param name="anchors">The root to believe.</param>
/// <param name="source">Prepares its collateral under the same <paramref name="anchors"/>.</param>
public sealed class CollateralBackedVerifier(TrustAnchors anchors, ICollateralSource source)
{
    private readonly QuoteVerifier _verifier = new(anchors);

    /// <summary>Asks the origin with every quote.</summary>
    public CollateralBackedVerifier(TrustAnchors anchors, ICollateralOrigin origin)
        : this(anchors, new PreparingCollateralSource(origin, new QuoteVerifier(anchors)))
    {
    }

    /// <summary>
    /// The verdict at <paramref name="now"/>. Collateral that cannot be had is a refusal (<c>INPUT</c>), never a pass.
    /// </summary>
    public async Task<QuoteVerdict> VerifyAsync(Quote quote, DateTimeOffset now, CancellationToken stop)
    {
        var chain = PckChain.Of(quote, anchors);
        if (!CollateralKey.TryFrom(quote.Header.TeeType, chain, out var key, out var refusal))
        {
            return new RefusedQuote(refusal, quote);
        }

        PreparedCollateral collateral;
        try
        {
            collateral = await source.GetAsync(key, stop);
        }
        catch (CollateralUnavailableException unavailable)
        {
            return new RefusedQuote(
                new QuoteRefusal(QuoteRefusalReason.Input, $"no collateral: {unavailable.Message}"), quote);
        }

        return _verifier.Verify(quote, chain, collateral, now);
    }

    /// <summary>
    /// What a quote would be judged with, as its makers wrote it, for whoever passes the quote on. Says nothing about
    /// the quote.
    /// </summary>
    public async Task<Decoded<QuoteCollateral>> FindCollateralAsync(Quote quote, CancellationToken stop)
    {
        var chain = PckChain.Of(quote, anchors);
        if (!CollateralKey.TryFrom(quote.Header.TeeType, chain, out var key, out var refusal))
            return Decoded<QuoteCollateral>.Refused(refusal.Detail);
        try
        {
            return (await source.GetAsync(key, stop)).Source;
        }
        catch (CollateralUnavailableException unavailable)
        {
            return Decoded<QuoteCollateral>.Refused($"no collateral: {unavailable.Message}");
        }
    }

    /// <summary>The same for a quote as it was parsed: what is not a quote is refused as the parser says.</summary>
    public async Task<QuoteVerdict> VerifyAsync(QuoteParseResult quote, DateTimeOffset now, CancellationToken stop)
        => quote.Succeeded ? await VerifyAsync(quote.Quote, now, stop) : new RefusedQuote(quote.Refusal, null);
}
