using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Broker.Inbox.Messages;

namespace Broker.Inbox.Routing;

/// <summary>What a round did.</summary>
/// <param name="Routed">Messages copied.</param>
/// <param name="Skipped">Messages left as they are: of nobody here, or copied before.</param>
internal sealed record RoutingRound(int Routed, int Skipped);

/// <summary>
/// Files messages that SES has put under <c>inbound/</c> under their wallets' prefixes, with the rights of whoever runs
/// it. The original stays where it is, for the bucket's own expiry. A message is copied once, as the Lambda of contract
/// §11.6 does that runs when it is created: an empty object <c>inbound/routed/&lt;message&gt;/&lt;ETag&gt;</c> beside it
/// says so, and expires with it. So a copy that its owner has deleted does not come back. What this process has looked
/// at once it does not read again.
/// </summary>
internal sealed class MailRouter(IAmazonS3 s3, string bucket)
{
    private const string Inbound = "inbound/";
    private const string Routed = Inbound + "routed/";
    private const int KeysPerPage = 1000;

    private HashSet<string> _done = new(StringComparer.Ordinal);

    /// <exception cref="AmazonServiceException">S3 refused; what was copied by then stays copied.</exception>
    public async Task<RoutingRound> RunAsync(CancellationToken stop)
    {
        var (routed, skipped) = (0, 0);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string? next = null;
        do
        {
            var page = await s3.ListObjectsV2Async(new ListObjectsV2Request
            {
                BucketName = bucket,
                Prefix = Inbound,
                MaxKeys = KeysPerPage,
                ContinuationToken = next,
            }, stop);
            foreach (var one in page.S3Objects ?? [])
            {
                if (one.Key.StartsWith(Routed, StringComparison.Ordinal)) continue;

                // A name with another ETag is another message.
                var version = $"{one.Key}\n{one.ETag}";
                if (_done.Contains(version) || !await RouteAsync(one, stop)) skipped++;
                else routed++;
                seen.Add(version);
            }

            next = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (next is not null);

        _done = seen;
        return new RoutingRound(routed, skipped);
    }

    private async Task<bool> RouteAsync(S3Object one, CancellationToken stop)
    {
        if (!MessageId.TryParse(one.Key[Inbound.Length..], out var id) || one.Size is null or 0) return false;
        if (RoutedMail.WalletOf(await HeadOfAsync(one.Key, stop)) is not { } wallet) return false;
        var mark = $"{Routed}{id}/{one.ETag.Trim('"')}";
        if (await ExistsAsync(mark, stop)) return false;

        // One that a router without marks has copied is marked now.
        var target = $"bots/{wallet}/{Inbound}{id}";
        var isCopied = await ExistsAsync(target, stop);
        if (!isCopied)
        {
            await s3.CopyObjectAsync(new CopyObjectRequest
            {
                SourceBucket = bucket,
                SourceKey = one.Key,
                DestinationBucket = bucket,
                DestinationKey = target,
            }, stop);
        }

        // After the copy: where the process ends in between, a later round finds the copy.
        await s3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = mark, ContentBody = "" }, stop);
        return !isCopied;
    }

    private async Task<byte[]> HeadOfAsync(string key, CancellationToken stop)
    {
        using var got = await s3.GetObjectAsync(new GetObjectRequest
        {
            BucketName = bucket,
            Key = key,
            ByteRange = new ByteRange(0, RoutedMail.HeadBytes - 1),
        }, stop);
        var head = new byte[RoutedMail.HeadBytes];
        var read = await got.ResponseStream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, stop);
        return head[..read];
    }

    private async Task<bool> ExistsAsync(string key, CancellationToken stop)
    {
        try
        {
            await s3.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = bucket, Key = key }, stop);
            return true;
        }
        catch (AmazonS3Exception missing) when (missing.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }
    }
}
