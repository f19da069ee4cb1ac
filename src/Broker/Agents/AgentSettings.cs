using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Http;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.Agents;

/// <summary>Limits of what devices may ask without a session.</summary>
internal static class AgentSettings
{
    public static readonly Setting<int> PairingsPerHour = new("BROKER_RATE_LIMIT_PAIRINGS_PER_HOUR_PER_IP", "Limits",
        "Pairing requests and redeemed link codes per client address (IPv6: per /64) and hour; 0 means no limit. "
        + "Unset: 60, in development mode 0.",
        Whole("BROKER_RATE_LIMIT_PAIRINGS_PER_HOUR_PER_IP", 0, 1_000_000_000))
    { Form = "0 to 1000000000", Anchor = "limits" };

    public static readonly Setting<int> PollsPerHour = new("BROKER_RATE_LIMIT_PAIRING_POLLS_PER_HOUR_PER_IP", "Limits",
        "Polls of devices that wait for their master, per client address (IPv6: per /64) and hour; 0 means no limit. "
        + "Unset: 3600, in development mode 0.",
        Whole("BROKER_RATE_LIMIT_PAIRING_POLLS_PER_HOUR_PER_IP", 0, 1_000_000_000))
    { Form = "0 to 1000000000", Anchor = "limits" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } = [PairingsPerHour, PollsPerHour];
}

/// <summary>Per client address and hour; 0 means no limit.</summary>
internal sealed record AgentOptions(int PairingsPerHour, int PollsPerHour)
{
    public static AgentOptions Read(BootEnvironment boot, bool isDevelopment) => new(
        Limit(boot, AgentSettings.PairingsPerHour, isDevelopment ? 0 : 60),
        Limit(boot, AgentSettings.PollsPerHour, isDevelopment ? 0 : 3600));

    private static int Limit(BootEnvironment boot, Setting<int> setting, int usual) =>
        boot.IsSet(setting) ? boot.Read(setting) : usual;
}

/// <summary>How often a client address may ask without a session.</summary>
internal sealed class PairingLimit(AgentOptions options, TimeProvider time)
{
    private readonly RequestLimit _pairings = Limit(options.PairingsPerHour, "pairings", time);
    private readonly RequestLimit _polls = Limit(options.PollsPerHour, "polls", time);

    /// <summary>Null when granted.</summary>
    public Refusal? TakePairing(HttpContext http) => _pairings.Take(ClientAddress.Of(http));

    /// <summary>Null when granted.</summary>
    public Refusal? TakePoll(HttpContext http) => _polls.Take(ClientAddress.Of(http));

    private static RequestLimit Limit(int limit, string what, TimeProvider time) => new(
        limit, RateWindows.Hour, AgentRefusals.PairingRateLimited,
        $"too many {what} from this address in this hour", time);
}
