using System.Collections.Immutable;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.Verification;

/// <summary>
/// The three certificates that come with a quote, read once, and how far their signatures hold. Nothing here depends on
/// time, CRLs or collateral: <see cref="PckCertificate"/> judges the chain with those.
/// </summary>
internal sealed class PckChain
{
    private PckChain(int length, bool endsInAnchor, SgxCertificate? authority, SgxCertificate? leaf)
    {
        Length = length;
        EndsInAnchor = endsInAnchor;
        Authority = authority;
        Leaf = leaf;
        Identity = authority is not null && leaf is not null
            ? PckExtensionReader.TryRead(leaf, PckAuthority.IsPlatformCa(authority))
            : null;
    }

    /// <summary>How many certificates came; no chain of more or fewer than three is read further.</summary>
    public int Length { get; }

    /// <summary>The last certificate is byte for byte the trust anchor.</summary>
    public bool EndsInAnchor { get; }

    /// <summary>The intermediate; null unless the trust anchor signed it.</summary>
    public SgxCertificate? Authority { get; }

    /// <summary>The platform's certificate; null unless <see cref="Authority"/> signed it.</summary>
    public SgxCertificate? Leaf { get; }

    /// <summary>What <see cref="Leaf"/> says of the platform; null when it does not say so properly.</summary>
    public PckIdentity? Identity { get; }

    /// <summary>The chain inside a quote; null when the quote carries none.</summary>
    public static PckChain? Of(Quote quote, TrustAnchors anchors)
        => quote.SignatureData.CertificationDataType == CertificationDataType.PckCertificateChain
            ? Read(PemChain.Read(quote.SignatureData.CertificationData.Span), anchors)
            : null;

    /// <summary>The chain that came with the collateral of a quote that carries none.</summary>
    public static PckChain Of(string supplied, TrustAnchors anchors) => Read(PemChain.Read(supplied), anchors);

    private static PckChain Read(ImmutableArray<ReadOnlyMemory<byte>> certificates, TrustAnchors anchors)
    {
        if (certificates.Length != 3 || !certificates[2].Span.SequenceEqual(anchors.Root.Span))
        {
            return new PckChain(certificates.Length, endsInAnchor: false, null, null);
        }

        var authority = anchors.Certificate is { } root ? anchors.Issued.TryRead(certificates[1], root) : null;
        var leaf = authority is null ? null : anchors.Issued.TryRead(certificates[0], authority);
        return new PckChain(certificates.Length, endsInAnchor: true, authority, leaf);
    }
}
