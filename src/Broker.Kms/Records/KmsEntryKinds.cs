using Broker.Ledger;

namespace Broker.Kms.Records;

/// <summary>The kinds of entry that a KMS records.</summary>
public static class KmsEntryKinds
{
    public static readonly EntryKind AppKey = new("kms_app_key");
    public static readonly EntryKind KmsKey = new("kms_kms_key");
    public static readonly EntryKind TempCaCert = new("kms_temp_ca_cert");
    public static readonly EntryKind Certificate = new("kms_certificate");
    public static readonly EntryKind Bootstrap = new("kms_bootstrap");
    public static readonly EntryKind Onboard = new("kms_onboard");

    /// <summary>An operator's call; only wrong tokens are recorded.</summary>
    public static readonly EntryKind Admin = new("kms_admin");

    public static IReadOnlyList<EntryKind> All { get; } =
        [AppKey, KmsKey, TempCaCert, Certificate, Bootstrap, Onboard, Admin];
}
