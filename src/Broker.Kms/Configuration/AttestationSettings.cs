using System.Collections.Frozen;
using Broker.Attestation.SevSnp.Collateral;
using Broker.Attestation.SevSnp.Reports;
using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;
using static Broker.Kms.Configuration.KmsSetting;

namespace Broker.Kms.Configuration;

/// <summary>How evidence of machines is judged: by which collateral, and by whose root.</summary>
internal static class AttestationSettings
{
    private const string Unused = "accepted and unused: keys go to TDX and SEV-SNP machines only";

    private const string LevelsForm = "levels such as bootloader=4,snp=24,microcode=219; also fmc, tee";

    public static readonly Setting<bool> SevSnpKeyRelease = Mirror("core.sev_snp_key_release",
        "release keys to AMD SEV-SNP machines", TrueOrFalse, Switch, "false");

    public static readonly Setting<bool> AwsNitroTpmKeyRelease =
        Mirror("core.aws_nitro_tpm_key_release", Unused, TrueOrFalse, Switch, "false");

    public static readonly Setting<string> OldPccsUrl = Mirror("core.pccs_url", "older name of the next one",
        KmsForms.Url, HttpUrlText, "https://pccs.phala.network");

    public static readonly Setting<string> PccsUrl = Mirror("core.attestation.urls.pccs",
        "where quote collateral comes from", KmsForms.Url, HttpUrlText, "https://pccs.phala.network");

    public static readonly Setting<string> AmdKdsUrl = Mirror("core.attestation.urls.amd_kds",
        "where certificates of AMD chips come from that a guest does not send", KmsForms.Url, HttpUrlText,
        KdsOptions.Amd);

    public static readonly Setting<string> CollateralCacheDir = Ours("COLLATERAL_CACHE_DIR",
        "where collateral and AMD's certificates are kept; unset: collateral in BROKER_DATA_DIR", PathForm, FilePath);

    public static readonly Setting<TimeSpan> CollateralMaxAge = Ours("COLLATERAL_MAX_AGE",
        "after which collateral is asked for again, so that revocations count", DurationForm, Duration, "1h");

    public static readonly Setting<bool> SevSnpCheckRevocation = Ours("SEV_SNP_CHECK_REVOCATION",
        "ask for AMD's revocation list, and refuse SEV-SNP machines while there is none", TrueOrFalse, Switch, "false");

    public static readonly Setting<bool> AllowExternalTrustAnchors = Mirror(
        "core.attestation.insecure_allow_external_trust_anchors", "let the next ones count", TrueOrFalse, Switch,
        "false");

    public static readonly Setting<string> TdxRootCa = Mirror("core.attestation.root_ca.tdx",
        "file of a root certificate to trust in the place of Intel's", PathForm, FilePath);

    /// <summary>One for each family of AMD's processors.</summary>
    public static readonly FrozenDictionary<ProcessorFamily, Setting<string>> SevSnpRootCa = OfEachFamily(family =>
        Mirror($"core.attestation.root_ca.sev_snp_{family.ToString().ToLowerInvariant()}",
            $"file of a root certificate to trust in the place of AMD's for {family}", PathForm, FilePath));

    /// <summary>One for each family of AMD's processors.</summary>
    public static readonly FrozenDictionary<ProcessorFamily, Setting<TcbLevels>> SevSnpMinimumTcb =
        OfEachFamily(family => Ours($"SEV_SNP_MINIMUM_TCB_{family.ToString().ToUpperInvariant()}",
            $"firmware that a {family} has to reach", LevelsForm, ReadLevels));

    /// <summary>Settings of the reference for machines that this KMS does not verify, and so refuses.</summary>
    private static readonly Setting<string>[] OfOtherMachines =
    [
        .. new[] { "gcp_tpm", "aws_nitro_enclave", "aws_nitro_tpm" }
            .Select(root => Mirror($"core.attestation.root_ca.{root}", Unused, PathForm, FilePath)),
    ];

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        SevSnpKeyRelease, AwsNitroTpmKeyRelease, OldPccsUrl, PccsUrl, AmdKdsUrl, CollateralCacheDir, CollateralMaxAge,
        SevSnpCheckRevocation, .. InOrder(SevSnpMinimumTcb), .. OfOtherMachines, AllowExternalTrustAnchors, TdxRootCa,
        .. InOrder(SevSnpRootCa),
    ];

    public static KmsOptions Read(BootEnvironment boot, KmsOptions options) => options with
    {
        SevSnpKeyRelease = boot.Read(SevSnpKeyRelease),
        AwsNitroTpmKeyRelease = boot.Read(AwsNitroTpmKeyRelease),
        PccsUrl = boot.Read(boot.IsSet(PccsUrl) ? PccsUrl : OldPccsUrl),
        AmdKdsUrl = boot.Read(AmdKdsUrl),
        CollateralCacheDir = boot.ReadOptional(CollateralCacheDir) ?? "",
        CollateralMaxAge = boot.Read(CollateralMaxAge),
        SevSnp = new SevSnpOptions
        {
            CheckRevocation = boot.Read(SevSnpCheckRevocation),
            MilanRootCa = boot.ReadOptional(SevSnpRootCa[ProcessorFamily.Milan]) ?? "",
            GenoaRootCa = boot.ReadOptional(SevSnpRootCa[ProcessorFamily.Genoa]) ?? "",
            TurinRootCa = boot.ReadOptional(SevSnpRootCa[ProcessorFamily.Turin]) ?? "",
            MilanMinimumTcb = boot.ReadOptional(SevSnpMinimumTcb[ProcessorFamily.Milan]),
            GenoaMinimumTcb = boot.ReadOptional(SevSnpMinimumTcb[ProcessorFamily.Genoa]),
            TurinMinimumTcb = boot.ReadOptional(SevSnpMinimumTcb[ProcessorFamily.Turin]),
        },
        InsecureAllowExternalTrustAnchors = boot.Read(AllowExternalTrustAnchors),
        TdxRootCa = boot.ReadOptional(TdxRootCa) ?? "",
        WithoutEffect = NamesWithoutEffect(boot).ToArray(),
    };

    /// <summary>A foreign root takes two settings, so that a slip does not trust it.</summary>
    public static IEnumerable<BootFault> FindContradictions(KmsOptions options) =>
        options.InsecureAllowExternalTrustAnchors
            ? []
            : ForeignRoots(options).Select(root => BootFault.Of(
                root.Setting, root.Path, $"counts only with {AllowExternalTrustAnchors.Name}=true"));

    /// <summary>The files of roots that stand in the place of a maker's.</summary>
    public static IEnumerable<(Setting<string> Setting, string Path)> ForeignRoots(KmsOptions options)
    {
        if (options.TdxRootCa.Length > 0) yield return (TdxRootCa, options.TdxRootCa);
        foreach (var family in Enum.GetValues<ProcessorFamily>())
        {
            if (options.SevSnp.RootCa(family) is { Length: > 0 } path) yield return (SevSnpRootCa[family], path);
        }
    }

    private static IEnumerable<string> NamesWithoutEffect(BootEnvironment boot) =>
        new[] { AwsNitroTpmKeyRelease }.Where(boot.Read).Select(one => one.Name)
            .Concat(OfOtherMachines.Where(boot.IsSet).Select(one => one.Name));

    private static FrozenDictionary<ProcessorFamily, T> OfEachFamily<T>(Func<ProcessorFamily, T> make) =>
        Enum.GetValues<ProcessorFamily>().ToFrozenDictionary(family => family, make);

    private static IEnumerable<T> InOrder<T>(FrozenDictionary<ProcessorFamily, T> settings) =>
        settings.OrderBy(one => one.Key).Select(one => one.Value);

    private static TcbLevels ReadLevels(string text) =>
        TcbLevels.Parse(text) ?? throw new FormatException("must be a list such as bootloader=4,snp=24,microcode=219");
}
