using Amazon.Runtime;
using Amazon.S3;
using Broker.AwsAccount;
using Broker.Foundation.Settings;
using Broker.Ledger.S3;

namespace Broker.LedgerHosting;

/// <summary>The second anchor: a bucket with Object Lock, written with the broker's own AWS credentials.</summary>
internal static class S3Anchor
{
    private static readonly TimeSpan LongestQuestion = TimeSpan.FromSeconds(20);

    /// <summary>Asks the bucket for its Object Lock: without it an anchor keeps nothing.</summary>
    /// <exception cref="BootFailException">The bucket cannot serve.</exception>
    public static S3ObjectLockAnchor Connect(S3Audit audit, StaticKeys? keys, TimeProvider time)
    {
        var config = S3Clients.Configure(audit.Region, audit.Endpoint);
        var anchor = new S3ObjectLockAnchor(new AmazonS3Client(CredentialsOf(keys), config), audit.Bucket, time);
        using var limit = new CancellationTokenSource(LongestQuestion);
        return anchor.FindFaultAsync(limit.Token).GetAwaiter().GetResult() is { } fault
            ? throw BootFailException.At(LedgerSettings.AuditBucket, audit.Bucket.Bucket, fault)
            : anchor;
    }

    private static AWSCredentials CredentialsOf(StaticKeys? keys)
    {
        try
        {
            return OwnCredentials.Of(keys);
        }
        catch (AmazonClientException none)
        {
            throw BootFailException.At(LedgerSettings.AuditAnchors, "sqlite,s3",
                "the s3 anchor needs AWS credentials: DAEMON_ACCESS_KEY_ID and DAEMON_SECRET_ACCESS_KEY, or the "
                + "SDK's default chain", none);
        }
    }
}
