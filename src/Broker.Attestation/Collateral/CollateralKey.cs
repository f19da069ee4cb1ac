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
    /// Reads the key from the quote's PCK chain, and only from a chain that the root's signatures bear out: what asks a
    /// collateral service on a stranger's behalf must at least be about a platform of that root.
    /// </summary>
    /// <returns>False with <paramref name="refusal"/> (<c>PCK_CHAIN</c>, <c>PCK_EXTENSION</c>).</returns>
    public static bool TryFrom(
        Quote quote, TrustAnchors anchors,
        [NotNullWhen(true)] out CollateralKey? key, [NotNullWhen(false)] out QuoteRefusal? refusal)
    {
        (key, refusal) = From(quote, anchors);
        return key is not null;
    }

    public override string ToString()
        => $"{Tee.ToString().ToLowerInvariant()}-{Fmspc}-{Ca.ToString().ToLowerInvariant()}";

    private static (CollateralKey? Key, QuoteRefusal? Refusal) From(Quote quote, TrustAnchors anchors)
    {
        if (quote.SignatureData.CertificationDataType != CertificationDataType.PckCertificateChain)
        {
            return Refused(QuoteRefusalReason.PckChain, "quote carries no PCK chain to find its collateral by");
        }

        var chain = PemChain.Read(quote.SignatureData.CertificationData.Span);
        if (chain.Length != 3 || !chain[2].Span.SequenceEqual(anchors.Root.Span))
        {
            return Refused(QuoteRefusalReason.PckChain, "quote's PCK chain does not end in the trust anchor");
        }

        if (SgxCertificateReader.TryRead(chain[2]) is not { } root
            || SgxCertificateReader.TryRead(chain[1]) is not { } authority || !authority.IsSignedBy(root)
            || SgxCertificateReader.TryRead(chain[0]) is not { } leaf || !leaf.IsSignedBy(authority))
        {
            return Refused(QuoteRefusalReason.PckChain, "quote's PCK chain is not signed by the trust anchor");
        }

        var isPlatform = authority.CommonName == PckAuthority.PlatformCa;
        return PckExtensionReader.TryRead(leaf, isPlatform) is { } platform
            ? (new CollateralKey(
                quote.Header.TeeType, Convert.ToHexStringLower(platform.Fmspc.Span),
                isPlatform ? PckCa.Platform : PckCa.Processor), null)
            : Refused(QuoteRefusalReason.PckExtension, "SGX extension of the PCK certificate");
    }

    private static (CollateralKey? Key, QuoteRefusal? Refusal) Refused(QuoteRefusalReason reason, string detail)
        => (null, new QuoteRefusal(reason, detail));
}
