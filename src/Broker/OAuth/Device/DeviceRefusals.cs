using Broker.Foundation.Results;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.OAuth.Device;

/// <summary>Why a device code is not given, or not decided.</summary>
internal static class DeviceRefusals
{
    public static readonly RefusalCode RateLimited = new(
        "device_code_rate_limited", "rate_limited", Status429TooManyRequests, Refused.TryLater, null);

    public static readonly RefusalCode UnknownUserCode = Refused.BadRequest(
        "unknown_user_code", "Compare the code with the one that the device shows now, or begin anew on the device.");

    public static readonly RefusalCode GuessesRateLimited = new(
        "user_code_rate_limited", "rate_limited", Status429TooManyRequests, Refused.TryLater, LedgerOutcome.Denied);

    /// <summary>Every code of this folder.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
        [RateLimited, UnknownUserCode, GuessesRateLimited];
}
