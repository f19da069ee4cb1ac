using Broker.Foundation.Results;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.KeyRotation;

/// <summary>Why a change of keys is refused.</summary>
internal static class RotationRefusals
{
    public static readonly RefusalCode NotOperator = Refused.Unauthorized(
        "operator_only", "Send the token of BROKER_OPERATOR_TOKEN_FILE as Authorization: Bearer.");

    public static readonly RefusalCode UnknownKey = new(
        "unknown_key", "not_found", Status404NotFound, "See brokerctl keys list for the keys that there are.", null);

    public static readonly RefusalCode AlreadyAnnounced = Conflict(
        "key_already_announced",
        "Wait until the announced key signs, withdraw it (brokerctl keys retire), or let it sign at once (brokerctl "
        + "keys emergency-rotate).");

    public static readonly RefusalCode KeySigns = Conflict(
        "key_signs", "Let another one sign first: brokerctl keys rotate, or brokerctl keys emergency-rotate.");

    public static readonly RefusalCode KeyGone = Conflict(
        "key_already_retired", "Nothing has to be done: the key is not published any more.");

    public static readonly RefusalCode KeyNotMade = new(
        "key_not_made", "internal", Status500InternalServerError,
        "Make the folder of the key file writable for the service, and send the request again.", null);

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
        [NotOperator, UnknownKey, AlreadyAnnounced, KeySigns, KeyGone, KeyNotMade];

    private static RefusalCode Conflict(string text, string nextStep) =>
        new(text, "conflict", Status409Conflict, nextStep, null);
}
