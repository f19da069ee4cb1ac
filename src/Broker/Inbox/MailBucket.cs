using System.Xml;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Broker.Aws;
using Broker.AwsAccount;
using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Inbox.Messages;

namespace Broker.Inbox;

/// <summary>A message as it lies in the bucket.</summary>
internal sealed record StoredMail(MessageId Id, string Key, long Size, DateTimeOffset ReceivedAt);

/// <summary>What lies below one prefix.</summary>
/// <param name="IsComplete">False where there is more than is looked at.</param>
internal sealed record MailPrefix(IReadOnlyList<StoredMail> Messages, bool IsComplete);

/// <summary>
/// The network edge to the mail bucket, always with the credentials of the caller whose mail it is. S3's own words stay
/// here; its codes are told.
/// </summary>
internal sealed partial class MailBucket(InboxOptions options, ILogger<MailBucket> log)
{
    private const int KeysPerPage = 1000;
    private const int MostPages = 10;
    private const int Retries = 2;

    /// <summary>The messages below the prefix, in S3's order, which is that of their names; 10,000 at most.</summary>
    public Task<Result<MailPrefix>> ListAsync(StsCredentials caller, string prefix, CancellationToken stop) =>
        CallAsync<MailPrefix>(caller, "ListObjectsV2", prefix, async s3 =>
        {
            var found = new List<StoredMail>();
            string? next = null;
            for (var page = 0; page < MostPages; page++)
            {
                var listed = await s3.ListObjectsV2Async(new ListObjectsV2Request
                {
                    BucketName = options.Bucket,
                    Prefix = prefix,
                    MaxKeys = KeysPerPage,
                    ContinuationToken = next,
                }, stop);
                found.AddRange((listed.S3Objects ?? []).Select(one => Stored(one, prefix)).OfType<StoredMail>());
                next = listed.IsTruncated == true ? listed.NextContinuationToken : null;
                if (next is null) return new MailPrefix(found, true);
            }

            return new MailPrefix(found, false);
        });

    /// <summary>
    /// One message, by a listing of its own name: S3 says of an object that is not there that it is denied, where the
    /// grant to list is for a prefix.
    /// </summary>
    public Task<Result<StoredMail>> FindAsync(
        StsCredentials caller, string prefix, MessageId id, CancellationToken stop) =>
        CallAsync<StoredMail>(caller, "ListObjectsV2", prefix, async s3 =>
        {
            var listed = await s3.ListObjectsV2Async(new ListObjectsV2Request
            {
                BucketName = options.Bucket,
                Prefix = $"{prefix}{id}",
                MaxKeys = 1,
            }, stop);
            return listed.S3Objects is [var first, ..] && first.Key == $"{prefix}{id}"
                && Stored(first, prefix) is { } stored ? stored : Unknown();
        });

    /// <summary>The message's bytes, of which no more than the limit are asked for.</summary>
    public Task<Result<byte[]>> FetchAsync(StsCredentials caller, StoredMail mail, CancellationToken stop) =>
        CallAsync<byte[]>(caller, "GetObject", mail.Key, async s3 =>
        {
            if (mail.Size == 0) return Array.Empty<byte>();
            using var got = await s3.GetObjectAsync(new GetObjectRequest
            {
                BucketName = options.Bucket,
                Key = mail.Key,
                ByteRange = new ByteRange(0, options.MessageLimit - 1),
            }, stop);
            var bytes = new byte[Math.Min(mail.Size, options.MessageLimit)];
            var read = await got.ResponseStream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, stop);
            return read == bytes.Length ? bytes : bytes[..read];
        });

    private static StoredMail? Stored(S3Object one, string prefix) =>
        MessageId.TryParse(one.Key[prefix.Length..], out var id)
            ? new StoredMail(
                id, one.Key, one.Size ?? 0, one.LastModified?.ToUniversalTime() ?? DateTimeOffset.UnixEpoch)
            : null;

    private async Task<Result<T>> CallAsync<T>(
        StsCredentials caller, string operation, string place, Func<AmazonS3Client, Task<Result<T>>> call)
        where T : notnull
    {
        try
        {
            using var s3 = ClientOf(caller);
            return await call(s3);
        }
        catch (AmazonServiceException refused) when (refused.StatusCode != 0)
        {
            // The code is a word of AWS's own; the message may name keys and identities, so it stays here.
            var code = AwsErrorCode.Of(refused.ErrorCode);
            LogRefused(log, operation, code, ForeignText.Excerpt(refused.Message ?? "", sent: caller.SessionToken));
            return Explain(code, operation, place);
        }
        catch (Exception lost) when (lost is AmazonClientException or AmazonServiceException or HttpRequestException
            or IOException or TimeoutException or XmlException or FormatException)
        {
            LogUnreachable(log, operation, lost);
            return new Refusal(InboxRefusals.Unreachable, $"s3 {operation}: S3 could not be reached");
        }
    }

    private AmazonS3Client ClientOf(StsCredentials caller)
    {
        var config = S3Clients.Configure(options.Region, options.Endpoint);
        config.MaxErrorRetry = Retries;
        config.RetryMode = RequestRetryMode.Standard;
        config.Timeout = options.Timeout;
        return new AmazonS3Client(
            new SessionAWSCredentials(caller.AccessKeyId, caller.SecretAccessKey, caller.SessionToken), config);
    }

    private static Refusal Explain(string code, string operation, string place) => code switch
    {
        "NoSuchKey" => Unknown(),
        "AccessDenied" or "AllAccessDisabled" =>
            new Refusal(
                InboxRefusals.Denied, $"s3 {operation}: {code}: the caller's own credentials may not read {place}"),
        "ExpiredToken" or "InvalidToken" or "InvalidAccessKeyId" or "InvalidClientTokenId" or "TokenRefreshRequired"
            or "SignatureDoesNotMatch" =>
            new Refusal(InboxRefusals.CredentialsRefused, $"s3 {operation}: {code}: S3 does not take the credentials"),
        "NoSuchBucket" =>
            new Refusal(InboxRefusals.Unreachable, $"s3 {operation}: {code}: the mail bucket does not exist"),
        _ => new Refusal(InboxRefusals.Unreachable, $"s3 {operation}: {code}: S3 refused"),
    };

    private static Refusal Unknown() =>
        new(InboxRefusals.UnknownMessage, "no such message among those that you may read");

    /// <summary>At debug only: the text is S3's own.</summary>
    [LoggerMessage(Level = LogLevel.Debug, Message = "S3 refused {Operation} with {Code}: {Text}")]
    private static partial void LogRefused(ILogger log, string operation, string code, string text);

    [LoggerMessage(Level = LogLevel.Debug, Message = "S3 could not be reached for {Operation}")]
    private static partial void LogUnreachable(ILogger log, string operation, Exception fault);
}
