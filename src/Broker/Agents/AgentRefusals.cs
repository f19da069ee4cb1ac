using Broker.Foundation.Results;
using Broker.Modules;

namespace Broker.Agents;

/// <summary>Why a device is not paired.</summary>
internal static class AgentRefusals
{
    private const string PairAgain = "Begin again at the device: POST /v1/agent/pairing/request.";

    public static readonly RefusalCode UnknownPairingCode = Refused.Unauthorized(
        "unknown_pairing_code", "Compare the code with the device, or let the device ask for a new one.");

    public static readonly RefusalCode UnknownPairing = Refused.Unauthorized("unknown_pairing", PairAgain);
    public static readonly RefusalCode PairingExpired = Refused.Unauthorized("pairing_expired", PairAgain);

    public static readonly RefusalCode PairingFetched = Refused.Unauthorized(
        "pairing_fetched",
        "If it was not this device that fetched the session, let the master decline the pairing; then begin again.");

    public static readonly RefusalCode PairingDeclined = Refused.Forbidden(
        "pairing_declined", "Stop asking; the master has declined this device.");

    public static readonly RefusalCode UnknownLinkCode = Refused.Unauthorized(
        "unknown_link_code", "Ask the master for a new link code: POST /v1/agent/create.");

    /// <summary>Unknown, another master's, and decided already: all alike.</summary>
    public static readonly RefusalCode UnknownBinding = Refused.BadRequest(
        "unknown_binding", "Send the request_id of one of those that GET /v1/agent/pending-bindings names.");

    public static readonly RefusalCode PairingRateLimited =
        Refused.RateLimited("pairing_rate_limited");

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        UnknownPairingCode, UnknownPairing, PairingExpired, PairingFetched, PairingDeclined, UnknownLinkCode,
        UnknownBinding, PairingRateLimited,
    ];
}
