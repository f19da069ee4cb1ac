using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.IssuerEvidence;

/// <summary>Evidence of the issuer.</summary>
internal static class EvidenceSettings
{
    public static readonly Setting<TimeSpan> MaxAge = new("BROKER_ISSUER_EVIDENCE_MAX_AGE", "OIDC",
        "In a confidential machine: how old the evidence of GET /.well-known/issuer-attestation may be that is "
        + "answered to whoever gives no nonce.", Duration)
    { Default = "1h", Form = DurationForm, Anchor = "issuer-evidence" };

    public static readonly Setting<int> PerHour = new("BROKER_RATE_LIMIT_EVIDENCE_PER_HOUR_PER_IP", "Limits",
        "Fresh evidence of the issuer per client address (IPv6: per /64) and hour; 0 means no limit. Unset: 60, in "
        + "development mode 0.",
        Whole("BROKER_RATE_LIMIT_EVIDENCE_PER_HOUR_PER_IP", 0, 1_000_000_000))
    { Form = "0 to 1000000000", Anchor = "issuer-evidence" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } = [MaxAge, PerHour];
}

/// <param name="MaxAge">Of evidence that is kept.</param>
/// <param name="PerHour">Fresh evidence for a client address; 0 means no limit.</param>
internal sealed record EvidenceOptions(TimeSpan MaxAge, int PerHour)
{
    public static EvidenceOptions Read(BootEnvironment boot, bool isDevelopment) => new(
        boot.Read(EvidenceSettings.MaxAge),
        boot.IsSet(EvidenceSettings.PerHour) ? boot.Read(EvidenceSettings.PerHour) : isDevelopment ? 0 : 60);
}
