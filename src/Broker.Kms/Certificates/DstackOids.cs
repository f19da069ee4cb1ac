namespace Broker.Kms.Certificates;

/// <summary>The private certificate extensions (arc 1.3.6.1.4.1.62397.1, kms-protocol §5.1) that the KMS writes.</summary>
internal static class DstackOids
{
    /// <summary>The app's id: 20 bytes.</summary>
    public const string AppId = "1.3.6.1.4.1.62397.1.3";

    /// <summary>What the certificate is for, as text: see <see cref="CertificateUsage"/>.</summary>
    public const string CertificateUsage = "1.3.6.1.4.1.62397.1.4";

    /// <summary>An attestation in its wire form, bound to the certificate's key.</summary>
    public const string Attestation = "1.3.6.1.4.1.62397.1.8";

    /// <summary>The measured facts about an app, as a MessagePack array.</summary>
    public const string AppInfo = "1.3.6.1.4.1.62397.1.9";
}
