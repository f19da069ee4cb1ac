using Broker.Foundation.Results;
using Broker.Modules;

namespace Broker.SignIn.Staged;

/// <summary>Why a poll is refused.</summary>
internal static class StagedRefusals
{
    public static readonly RefusalCode UnknownRequest = Refused.BadRequest(
        "unknown_request_id", "Begin a new sign-in, and poll at the poll_url of its answer.");

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        UnknownRequest,
    ];
}
