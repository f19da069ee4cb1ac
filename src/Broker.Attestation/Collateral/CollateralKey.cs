using System.Diagnostics.CodeAnalysis;
using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Collateral;

/// <summary>Which CA issued a platform's PCK certificate, as collateral services name it.</summary>
public enum PckCa
{
    Processor,
    Platform,
}

/// <summary>Which collateral a quote needs: two quotes with equal keys are judged with the same collateral.</summary>
/// <param name="Fmspc">12 lower-case hex digits.</param>
public sealed record CollateralKey(TeeType Tee, string Fmspc, PckCa Ca)
{
    /// <summary>
    /// Takes the key from the quote's PCK chain, and only from a chain that the root's signatures bear out: what asks a
    /// collateral service on a stranger's behalf must at least be about a platform of that root.
    /// </summary>
    /// <param name="chain">The chain inside the quote; null when it has none.</param>
    /// <returns>False with <paramref name="refusal"/> (<c>PCK_CHAIN</c>, <c>PCK_EXTENSION</c>).</returns>
    internal static bool TryFrom(
        TeeType tee, PckChain? chain,
        [NotNullWhen(true)] out CollateralKey? key, [NotNullWhen(false)] out QuoteRefusal? refusal)
    {
        (key, refusal) = From(tee, chain);
        return key is not null;
    }

    public override string ToString()
        => $"{Tee.ToString().ToLowerInvariant()}-{Fmspc}-{Ca.ToString().ToLowerInvariant()}";

    private static (CollateralKey? Key, QuoteRefusal? Refusal) From(TeeType tee, PckChain? chain)
    {
        if (chain is null)
        {
            return Refused(QuoteRefusalReason.PckChain, "quote carries no PCK chain to find its collateral by");
        }

        if (!chain.EndsInAnchor)
        {
            return Refused(QuoteRefusalReason.PckChain, "quote's PCK chain does not end in the trust anchor");
        }

        if (chain.Authority is not { } authority || chain.Leaf is null)
        {
            return Refused(QuoteRefusalReason.PckChain, "quote's PCK chain is not signed by the trust anchor");
        }

        return chain.Identity is { } platform
            ? (new CollateralKey(
                tee, Convert.ToHexStringLower(platform.Fmspc.Span),
                PckAuthority.IsPlatformCa(authority) ? PckCa.Platform : PckCa.Processor), null)
            : Refused(QuoteRefusalReason.PckExtension, "SGX extension of the PCK certificate");
    }

    private static (CollateralKey? Key, QuoteRefusal? Refusal) Refused(QuoteRefusalReason reason, string detail)
        => (null, new QuoteRefusal(reason, detail));
}
