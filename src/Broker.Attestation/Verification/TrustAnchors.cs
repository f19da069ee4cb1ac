
namespace Broker.Attestation.Verification;

/// <summary>
/// The one root that a verifier believes. Chains must end in exactly these bytes: a self-signed certificate with
/// Intel's name is nothing.
/// </summary>
public sealed class TrustAnchors
{
    // Intel SGX Root CA, valid 2018-05-21 to 2049-12-31.
    // SHA-256 44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3, as Intel publishes it at
    // https://certificates.trustedservices.intel.com/Intel_SGX_Provisioning_Certification_RootCA.cer
    private const string IntelSgxRootCa =
        """
        MIICjzCCAjSgAwIBAgIUImUM1lqdNInzg7SVUr9QGzknBqwwCgYIKoZIzj0EAwIwaDEaMBgGA1UEAwwRSW50ZWwgU0dYIFJvb3QgQ0Ex
        GjAYBgNVBAoMEUludGVsIENvcnBvcmF0aW9uMRQwEgYDVQQHDAtTYW50YSBDbGFyYTELMAkGA1UECAwCQ0ExCzAJBgNVBAYTAlVTMB4X
        DTE4MDUyMTEwNDUxMFoXDTQ5MTIzMTIzNTk1OVowaDEaMBgGA1UEAwwRSW50ZWwgU0dYIFJvb3QgQ0ExGjAYBgNVBAoMEUludGVsIENv
        cnBvcmF0aW9uMRQwEgYDVQQHDAtTYW50YSBDbGFyYTELMAkGA1UECAwCQ0ExCzAJBgNVBAYTAlVTMFkwEwYHKoZIzj0CAQYIKoZIzj0D
        AQcDQgAEC6nEwMDIYZOj/iPWsCzaEKi71OiOSLRFhWGjbnBVJfVnkY4u3IjkDYYL0MxO4mqsyYjlBalTVYxFP2sJBK5zlKOBuzCBuDAf
        BgNVHSMEGDAWgBQiZQzWWp00ifODtJVSv1AbOScGrDBSBgNVHR8ESzBJMEegRaBDhkFodHRwczovL2NlcnRpZmljYXRlcy50cnVzdGVk
        c2VydmljZXMuaW50ZWwuY29tL0ludGVsU0dYUm9vdENBLmRlcjAdBgNVHQ4EFgQUImUM1lqdNInzg7SVUr9QGzknBqwwDgYDVR0PAQH/
        BAQDAgEGMBIGA1UdEwEB/wQIMAYBAf8CAQEwCgYIKoZIzj0EAwIDSQAwRgIhAOW/5QkR+S9CiSDcNoowLuPRLsWGf/Yi7GSX94BgwTwg
        AiEA4J0lrHoMs+Xo5o/sX6O9QWxHRAvZUGOdRQ7cvqRXaqI=
        """;

    private readonly Lazy<SgxCertificate?> _certificate;
    private readonly Lazy<SgxCertificate?> _selfSigned;

    private TrustAnchors(ReadOnlyMemory<byte> root)
    {
        Root = root;
        _certificate = new Lazy<SgxCertificate?>(() => SgxCertificateReader.TryRead(root));
        _selfSigned = new Lazy<SgxCertificate?>(
            () => Certificate is { } read && read.IsSignedBy(read) ? read : null);
    }

    /// <summary>Intel's SGX Root CA, the root of all genuine SGX and TDX platforms.</summary>
    public static TrustAnchors Intel { get; } = new(Convert.FromBase64String(IntelSgxRootCa));

    /// <summary>The root certificate, DER.</summary>
    public ReadOnlyMemory<byte> Root { get; }

    /// <summary>The root as read; null when the bytes are not a certificate of the hierarchy's shape.</summary>
    internal SgxCertificate? Certificate => _certificate.Value;

    /// <summary>What this root, and what it issued, are known to have signed.</summary>
    internal IssuedCertificates Issued { get; } = new();

    /// <summary>The root as read, its own signature checked; null when the bytes are not such a certificate.</summary>
    internal SgxCertificate? SelfSigned => _selfSigned.Value;

    /// <summary>
    /// True for anything but Intel's root: whoever holds that root's key can make quotes say anything.
    /// </summary>
    public bool IsExternal => !Root.Span.SequenceEqual(Intel.Root.Span);

    /// <summary>
    /// Another root than Intel's, for simulators and tests. Bytes that are not a root certificate make every quote refused
    /// as <c>ROOT_CERT</c>.
    /// </summary>
    /// <param name="rootCertificate">DER.</param>
    /// <exception cref="InvalidOperationException">The options do not allow it.</exception>
    public static TrustAnchors External(ReadOnlyMemory<byte> rootCertificate, ExternalTrustAnchorOptions options)
        => options.InsecureAllowExternalTrustAnchors
            ? new TrustAnchors(rootCertificate.ToArray())
            : throw new InvalidOperationException("external trust anchors are not allowed");
}

/// <summary>
/// The consent to believe another root than Intel's. A service sets it from
/// <c>BROKER_KMS_ATTESTATION_INSECURE_ALLOW_EXTERNAL_TRUST_ANCHORS</c> and says so loudly in its log.
/// </summary>
public sealed record ExternalTrustAnchorOptions
{
    public required bool InsecureAllowExternalTrustAnchors { get; init; }
}
