using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Tests.Dstack;

/// <summary>The platform that a quote's own certificate names, unverified.</summary>
internal static class PckIdentities
{
    public static PckIdentity Of(Quote quote)
    {
        var leaf = SgxCertificateReader.TryRead(PemChain.Read(quote.SignatureData.CertificationData.Span)[0])
            .ShouldNotBeNull();
        return (PckExtensionReader.TryRead(leaf, fromPlatformCa: true)
            ?? PckExtensionReader.TryRead(leaf, fromPlatformCa: false))
            .ShouldNotBeNull();
    }
}
