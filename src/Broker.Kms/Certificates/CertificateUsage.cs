namespace Broker.Kms.Certificates;

/// <summary>The values of the usage extension. Clients refuse a KMS whose certificate says anything but <see cref="KmsRpc"/>.</summary>
internal static class CertificateUsage
{
    public const string KmsRpc = "kms:rpc";
    public const string AppCa = "app:ca";
    public const string AppCustom = "app:custom";
}
