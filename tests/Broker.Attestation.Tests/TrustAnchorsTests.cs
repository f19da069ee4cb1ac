using System.Security.Cryptography;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Tests;

public class TrustAnchorsTests
{
    [Fact]
    public void The_built_in_root_is_the_certificate_that_intel_publishes()
        => Convert.ToHexStringLower(SHA256.HashData(TrustAnchors.Intel.Root.Span))
            .ShouldBe("44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3");

    [Fact]
    public void Another_root_needs_explicit_consent()
        => Should.Throw<InvalidOperationException>(() => TrustAnchors.External(
            new byte[] { 1 }, new ExternalTrustAnchorOptions { InsecureAllowExternalTrustAnchors = false }));

    [Fact]
    public void Another_root_is_known_as_external()
    {
        TrustAnchors.Intel.IsExternal.ShouldBeFalse();
        var knowing = new ExternalTrustAnchorOptions { InsecureAllowExternalTrustAnchors = true };
        TrustAnchors.External(new byte[] { 1 }, knowing).IsExternal.ShouldBeTrue();
    }
}
