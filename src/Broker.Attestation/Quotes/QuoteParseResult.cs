using System.Diagnostics.CodeAnalysis;

namespace Broker.Attestation.Quotes;

/// <summary>
/// A quote, or the reason why the bytes are not one: <c>QUOTE_MALFORMED</c> or <c>QUOTE_UNSUPPORTED</c>. No
/// <c>Result</c>: the reasons are the field's own, and need neither status nor next step.
/// </summary>
public sealed class QuoteParseResult
{
    private QuoteParseResult(Quote? quote, QuoteRefusal? refusal) => (Quote, Refusal) = (quote, refusal);

    public Quote? Quote { get; }

    public QuoteRefusal? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Quote))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool Succeeded => Quote is not null;

    internal static QuoteParseResult Of(Quote quote) => new(quote, null);

    internal static QuoteParseResult Malformed(string detail)
        => new(null, new QuoteRefusal(QuoteRefusalReason.QuoteMalformed, detail));

    internal static QuoteParseResult Unsupported(string detail)
        => new(null, new QuoteRefusal(QuoteRefusalReason.QuoteUnsupported, detail));
}
