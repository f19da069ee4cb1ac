using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;
using static Broker.Kms.Configuration.KmsSetting;

namespace Broker.Kms.Configuration;

/// <summary>The node itself: its folder, its name, and what it must prove.</summary>
internal static class NodeSettings
{
    public static readonly Setting<string> CertDir = Mirror("core.cert_dir", "the folder of keys and certificates",
        PathForm, FilePath, "/etc/kms/certs");

    /// <summary>Its value goes nowhere.</summary>
    public static readonly Setting<string> SubjectPostfix = Mirror("core.subject_postfix",
        "accepted and unused, as in dstack", KmsForms.Words, KmsForms.ReadWords, ".dstack");

    public static readonly Setting<string> SiteName = Mirror("core.site_name", "shown to operators during onboarding",
        KmsForms.Words, KmsForms.ReadWords);

    public static readonly Setting<bool> EnforceSelfAuthorization = Mirror("core.enforce_self_authorization",
        "ask the policy about the KMS itself before any release", TrueOrFalse, Switch, "true");

    public static readonly Setting<bool> AttestRpcCert = Mirror("core.attest_rpc_cert",
        "put evidence into the server's certificate", TrueOrFalse, Switch, "true");

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
        [CertDir, SubjectPostfix, SiteName, EnforceSelfAuthorization, AttestRpcCert];

    public static KmsOptions Read(BootEnvironment boot, KmsOptions options) => options with
    {
        CertDir = boot.Read(CertDir),
        SiteName = boot.ReadOptional(SiteName) ?? "",
        EnforceSelfAuthorization = boot.Read(EnforceSelfAuthorization),
        AttestRpcCert = boot.Read(AttestRpcCert),
    };
}
