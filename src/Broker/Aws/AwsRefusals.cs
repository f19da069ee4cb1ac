using Broker.Foundation.Results;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.Aws;

/// <summary>Why AWS credentials are refused beside the checks of every release.</summary>
internal static class AwsRefusals
{
    public static readonly RefusalCode StsFailed = new(
        "sts_failed", "sts_error", Status502BadGateway, Refused.AskOperator, LedgerOutcome.StsError);

    public static readonly RefusalCode StsBusy = new(
        "sts_busy", "sts_error", Status502BadGateway, Refused.TryLater, LedgerOutcome.StsError);

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        StsFailed, StsBusy,
    ];
}
