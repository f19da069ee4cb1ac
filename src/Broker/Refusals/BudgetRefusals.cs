using Broker.Foundation.Results;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.Refusals;

/// <summary>Why a caller that was refused too often is refused at once.</summary>
internal static class BudgetRefusals
{
    public static readonly RefusalCode TooManyRefusals = new(
        "too_many_refusals", "rate_limited", Status429TooManyRequests,
        "Correct the requests, which were refused before, and send them again after Retry-After.", null);

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        TooManyRefusals,
    ];
}
