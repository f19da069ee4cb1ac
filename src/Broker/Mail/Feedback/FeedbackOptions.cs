using Broker.AwsAccount;
using Broker.Foundation.Settings;

namespace Broker.Mail.Feedback;

/// <summary>The queue, and as whom it is read.</summary>
/// <param name="Queue">Null where none is read.</param>
internal sealed record FeedbackOptions(Uri? Queue, string Region, StaticKeys? Keys)
{
    public static FeedbackOptions Read(BootEnvironment boot, AwsAccountOptions account)
    {
        var queue = boot.ReadOptional(FeedbackSettings.Queue);
        return new FeedbackOptions(queue, queue is null ? account.Region : RegionOf(queue, account), account.Keys);
    }

    /// <summary>AWS's own addresses name it: <c>sqs.eu-west-1.amazonaws.com</c>.</summary>
    private static string RegionOf(Uri queue, AwsAccountOptions account) =>
        queue.Host.Split('.') is ["sqs", var region, "amazonaws", ..] ? region : account.Region;
}
