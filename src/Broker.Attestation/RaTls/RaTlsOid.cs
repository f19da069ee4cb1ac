namespace Broker.Attestation.RaTls;

/// <summary>The private extensions of RA-TLS certificates, 1.3.6.1.4.1.62397.1.N (kms-protocol §5.1).</summary>
public static class RaTlsOid
{
    /// <summary>Legacy: the raw DCAP quote.</summary>
    public const string Quote = "1.3.6.1.4.1.62397.1.1";

    /// <summary>Legacy: the event log, JSON or compressed JSON.</summary>
    public const string EventLog = "1.3.6.1.4.1.62397.1.2";

    /// <summary>20 raw bytes.</summary>
    public const string AppId = "1.3.6.1.4.1.62397.1.3";

    /// <summary>UTF-8, one of <see cref="CertificateUsage"/>.</summary>
    public const string CertificateUsage = "1.3.6.1.4.1.62397.1.4";

    /// <summary>The attestation envelope.</summary>
    public const string Attestation = "1.3.6.1.4.1.62397.1.8";

    /// <summary>A MessagePack array; see <see cref="Apps.AppInfo"/>.</summary>
    public const string AppInfo = "1.3.6.1.4.1.62397.1.9";
}

/// <summary>What a certificate under the KMS's root may be used for.</summary>
public static class CertificateUsage
{
    public const string KmsRpc = "kms:rpc";
    public const string AppCa = "app:ca";
    public const string AppCustom = "app:custom";
}
