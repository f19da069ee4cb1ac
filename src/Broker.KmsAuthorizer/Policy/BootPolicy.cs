using Broker.KmsAuthorizer.Http;

namespace Broker.KmsAuthorizer.Policy;

/// <summary>
/// The contents of <c>auth-config.json</c>, the format of auth-simple. Every member may be absent; the defaults allow
/// nothing, since no operating system image is on the list.
/// <code>
/// {
///   "gatewayAppId": "0x…",                     the answer's gatewayAppId, also on a denial
///   "kmsContractAddr": "0x…", "chainId": 1, "appImplementation": "0x…",        reported by GET /
///   "allowedTcbStatuses": ["UpToDate"], "allowedAdvisoryIds": ["INTEL-SA-00837"],
///   "osImages": ["0x…"],
///   "kms":  { "mrAggregated": ["0x…"], "devices": ["0x…"], "allowAnyDevice": false },
///   "apps": { "0x&lt;app id&gt;": { "composeHashes": ["0x…"], "devices": [], "allowAnyDevice": false } }
/// }
/// </code>
/// Hex is compared in either case, with or without <c>0x</c>. An empty <c>devices</c> list restricts nothing.
/// </summary>
internal sealed record BootPolicy
{
    private const string ZeroAddress = "0x0000000000000000000000000000000000000000";

    public string GatewayAppId { get; init; } = "";

    public string KmsContractAddr { get; init; } = ZeroAddress;

    public ulong ChainId { get; init; }

    public string AppImplementation { get; init; } = ZeroAddress;

    public IReadOnlyList<string> OsImages { get; init; } = [];

    public IReadOnlyList<string> AllowedTcbStatuses { get; init; } = ["UpToDate"];

    public IReadOnlyList<string> AllowedAdvisoryIds { get; init; } = [];

    public KmsRule Kms { get; init; } = new();

    public IReadOnlyDictionary<string, AppRule> Apps { get; init; } = new Dictionary<string, AppRule>();

    /// <summary>The first rule that the boot breaks, in auth-simple's words; null when it may boot.</summary>
    public string? Denial(BootSubject subject, BootInfo boot)
    {
        if (!AllowedTcbStatuses.Contains(boot.TcbStatus)) return DenialReasons.TcbStatus;
        if (!boot.AdvisoryIds.All(AllowedAdvisoryIds.Contains)) return DenialReasons.Advisory;
        if (!HexText.Lists(OsImages, boot.OsImageHash)) return DenialReasons.OsImage;
        return subject is BootSubject.Kms ? KmsDenial(boot) : AppDenial(boot);
    }

    private string? KmsDenial(BootInfo boot)
    {
        if (!HexText.Lists(Kms.MrAggregated, boot.MrAggregated)) return DenialReasons.AggregatedMr;
        return Kms.Permits(boot.DeviceId) ? null : DenialReasons.KmsDevice;
    }

    private string? AppDenial(BootInfo boot)
    {
        var rule = Apps.FirstOrDefault(app => HexText.Same(app.Key, boot.AppId)).Value;
        if (rule is null) return DenialReasons.AppUnknown;
        if (!HexText.Lists(rule.ComposeHashes, boot.ComposeHash)) return DenialReasons.ComposeHash;
        return rule.Permits(boot.DeviceId) ? null : DenialReasons.AppDevice;
    }
}

/// <summary>On which machines something may boot.</summary>
internal abstract record DeviceRule
{
    public IReadOnlyList<string> Devices { get; init; } = [];

    public bool AllowAnyDevice { get; init; }

    public bool Permits(string deviceId) => AllowAnyDevice || Devices.Count == 0 || HexText.Lists(Devices, deviceId);
}

/// <summary>Which KMS may boot: an empty <c>mrAggregated</c> list means none.</summary>
internal sealed record KmsRule : DeviceRule
{
    public IReadOnlyList<string> MrAggregated { get; init; } = [];
}

/// <summary>Which versions of one app may boot: an empty <c>composeHashes</c> list means none.</summary>
internal sealed record AppRule : DeviceRule
{
    public IReadOnlyList<string> ComposeHashes { get; init; } = [];
}
