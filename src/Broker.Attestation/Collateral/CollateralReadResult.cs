using System.Diagnostics.CodeAnalysis;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.Collateral;

/// <summary>
/// Collateral, or why there is none. No <c>Result</c>: the reasons are those of quotes, and need neither status nor next
/// step.
/// </summary>
public sealed class CollateralReadResult
{
    private CollateralReadResult(QuoteCollateral? collateral, QuoteRefusal? refusal)
        => (Collateral, Refusal) = (collateral, refusal);

    public QuoteCollateral? Collateral { get; }

    public QuoteRefusal? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Collateral))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool Succeeded => Collateral is not null;

    internal static CollateralReadResult Of(QuoteCollateral collateral) => new(collateral, null);

    internal static CollateralReadResult Refuse(string detail)
        => new(null, new QuoteRefusal(QuoteRefusalReason.Input, $"collateral: {detail}"));
}
