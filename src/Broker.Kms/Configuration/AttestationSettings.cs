using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;
using static Broker.Kms.Configuration.KmsSetting;

namespace Broker.Kms.Configuration;

/// <summary>How evidence of machines is judged: by which collateral, and by whose root.</summary>
internal static class AttestationSettings
{
    private const string Unused = "accepted and unused: machines other than TDX are refused";

    private static readonly string[] Roots =
        ["gcp_tpm", "aws_nitro_enclave", "aws_nitro_tpm", "sev_snp_milan", "sev_snp_genoa", "sev_snp_turin"];

    public static readonly Setting<bool> SevSnpKeyRelease =
        Mirror("core.sev_snp_key_release", Unused, TrueOrFalse, Switch, "false");

    public static readonly Setting<bool> AwsNitroTpmKeyRelease =
        Mirror("core.aws_nitro_tpm_key_release", Unused, TrueOrFalse, Switch, "false");

    public static readonly Setting<string> OldPccsUrl = Mirror("core.pccs_url", "older name of the next one",
        KmsForms.Url, HttpUrlText, "https://pccs.phala.network");

    public static readonly Setting<string> PccsUrl = Mirror("core.attestation.urls.pccs",
        "where quote collateral comes from", KmsForms.Url, HttpUrlText, "https://pccs.phala.network");

    public static readonly Setting<string> CollateralCacheDir = Ours("COLLATERAL_CACHE_DIR",
        "where quote collateral is kept; unset: collateral in BROKER_DATA_DIR", PathForm, FilePath);

    public static readonly Setting<TimeSpan> CollateralMaxAge = Ours("COLLATERAL_MAX_AGE",
        "after which collateral is asked for again, so that revocations count", DurationForm, Duration, "1h");

    public static readonly Setting<bool> AllowExternalTrustAnchors = Mirror(
        "core.attestation.insecure_allow_external_trust_anchors", "let the next one count", TrueOrFalse, Switch,
        "false");

    public static readonly Setting<string> TdxRootCa = Mirror("core.attestation.root_ca.tdx",
        "file of a root certificate to trust in the place of Intel's", PathForm, FilePath);

    /// <summary>Settings of the reference for machines that this KMS does not verify, and so refuses.</summary>
    private static readonly Setting<string>[] OfOtherMachines =
    [
        Mirror("core.attestation.urls.amd_kds", Unused, KmsForms.Url, HttpUrlText),
        .. Roots.Select(root => Mirror($"core.attestation.root_ca.{root}", Unused, PathForm, FilePath)),
    ];

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        SevSnpKeyRelease, AwsNitroTpmKeyRelease, OldPccsUrl, PccsUrl, CollateralCacheDir, CollateralMaxAge,
        .. OfOtherMachines, AllowExternalTrustAnchors, TdxRootCa,
    ];

    public static KmsOptions Read(BootEnvironment boot, KmsOptions options) => options with
    {
        SevSnpKeyRelease = boot.Read(SevSnpKeyRelease),
        AwsNitroTpmKeyRelease = boot.Read(AwsNitroTpmKeyRelease),
        PccsUrl = boot.Read(boot.IsSet(PccsUrl) ? PccsUrl : OldPccsUrl),
        CollateralCacheDir = boot.ReadOptional(CollateralCacheDir) ?? "",
        CollateralMaxAge = boot.Read(CollateralMaxAge),
        InsecureAllowExternalTrustAnchors = boot.Read(AllowExternalTrustAnchors),
        TdxRootCa = boot.ReadOptional(TdxRootCa) ?? "",
        WithoutEffect = NamesWithoutEffect(boot).ToArray(),
    };

    private static IEnumerable<string> NamesWithoutEffect(BootEnvironment boot) =>
        ((Setting<bool>[])[SevSnpKeyRelease, AwsNitroTpmKeyRelease]).Where(boot.Read).Select(one => one.Name)
            .Concat(OfOtherMachines.Where(boot.IsSet).Select(one => one.Name));

    /// <summary>A foreign root takes two settings, so that a slip does not trust it.</summary>
    public static IEnumerable<BootFault> FindContradictions(KmsOptions options)
    {
        if (options is { TdxRootCa.Length: > 0, InsecureAllowExternalTrustAnchors: false })
        {
            yield return BootFault.Of(
                TdxRootCa, options.TdxRootCa, $"counts only with {AllowExternalTrustAnchors.Name}=true");
        }
    }
}
