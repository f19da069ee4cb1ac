using Broker.AwsAccount;
using Broker.Foundation.Settings;
using Broker.LedgerHosting;
using Broker.Roles;

namespace Broker.Inbox;

/// <summary>Where inbound mail lies, and what reading it may cost.</summary>
/// <param name="Bucket">That of the role <c>data</c>; null where there is no such role or it has none.</param>
/// <param name="Endpoint">Of S3; null for the region's own.</param>
internal sealed record InboxOptions(string? Bucket, string Region, Uri? Endpoint, int MessageLimit, TimeSpan Timeout)
{
    public static InboxOptions Read(BootEnvironment boot, AwsAccountOptions account, RoleCatalogue roles) => new(
        roles.Find(RoleCatalogue.DefaultName)?.Bucket, account.Region, boot.ReadOptional(LedgerSettings.S3Endpoint),
        boot.Read(InboxSettings.MessageLimit), boot.Read(InboxSettings.Timeout));
}
