using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Broker.Ledger.S3;

/// <summary>
/// Keeps checkpoints in a bucket with S3 Object Lock, in compliance mode: until the retention ends nobody can change
/// or delete them, the account's owner included.
/// </summary>
/// <remarks>
/// Objects: <c>&lt;prefix&gt;checkpoints/&lt;size, 20 digits&gt;</c>, the signed note as text, and
/// <c>&lt;prefix&gt;rows/&lt;first id&gt;-&lt;last id&gt;.ndjson.gz</c>, see <see cref="RowArchive"/>. Twenty digits
/// make the newest one the last in a listing.
/// </remarks>
public sealed class S3ObjectLockAnchor(IAmazonS3 client, S3AnchorOptions options, TimeProvider time) : ILedgerAnchor
{
    private static readonly SearchValues<char> CodeCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    public string Name => "s3";

    public Task<AnchorReceipt> AnchorAsync(AnchoredCheckpoint checkpoint, CancellationToken stop) => PutAsync(
        $"{options.Prefix}checkpoints/{checkpoint.Size:d20}", Encoding.UTF8.GetBytes(checkpoint.Note),
        "text/plain; charset=utf-8", stop);

    public Task<AnchorReceipt> ArchiveAsync(RowArchive archive, CancellationToken stop) => PutAsync(
        $"{options.Prefix}rows/{archive.FirstId:d20}-{archive.LastId:d20}.ndjson.gz", archive.Content,
        "application/gzip", stop);

    /// <summary>
    /// Why the bucket can never serve as it is, for the start to say. Null when it can, and when S3 does not say, be it
    /// out of reach or because the credentials may not ask: each checkpoint is put with a retention, which a bucket
    /// without Object Lock refuses.
    /// </summary>
    public async Task<string?> FindFaultAsync(CancellationToken stop)
    {
        try
        {
            var answer = await client.GetObjectLockConfigurationAsync(
                new GetObjectLockConfigurationRequest { BucketName = options.Bucket }, stop);
            return answer.ObjectLockConfiguration?.ObjectLockEnabled == ObjectLockEnabled.Enabled
                ? null
                : $"the bucket {options.Bucket} has no Object Lock; it must be switched on when the bucket is made";
        }
        catch (AmazonS3Exception e)
        {
            return e.ErrorCode switch
            {
                "ObjectLockConfigurationNotFoundError" =>
                    $"the bucket {options.Bucket} has no Object Lock; it must be switched on when the bucket is made",
                "NoSuchBucket" => $"there is no bucket {options.Bucket}",
                "InvalidAccessKeyId" or "SignatureDoesNotMatch" or "InvalidToken" or "ExpiredToken" =>
                    $"the bucket {options.Bucket} cannot be asked for its Object Lock: {e.ErrorCode}",
                _ => null,
            };
        }
        catch (Exception e) when (IsFault(e, stop) || e is OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<AnchorReceipt> PutAsync(string key, byte[] content, string contentType, CancellationToken stop)
    {
        try
        {
            using var body = new MemoryStream(content, writable: false);
            var now = time.GetUtcNow();
            var answer = await client.PutObjectAsync(
                new PutObjectRequest
                {
                    BucketName = options.Bucket,
                    Key = key,
                    InputStream = body,
                    ContentType = contentType,
                    ChecksumAlgorithm = ChecksumAlgorithm.SHA256,
                    ObjectLockMode = ObjectLockMode.Compliance,
                    ObjectLockRetainUntilDate = (now + options.Retention).UtcDateTime,
                },
                stop);
            var detail = new JsonObject
            {
                ["anchor"] = Name,
                ["bucket"] = options.Bucket,
                ["key"] = key,
                ["version"] = answer.VersionId ?? "",
            };
            return new AnchorReceipt(Name, detail.ToJsonString(), time.GetUtcNow());
        }
        catch (Exception e) when (IsFault(e, stop))
        {
            throw new AnchorFailedException($"s3://{options.Bucket}/{key}: {ReasonOf(e)}", e);
        }
    }

    // Its own words would come from the other side; what is said of it is on record and shown by /readyz.
    private static string ReasonOf(Exception e) => e switch
    {
        AmazonServiceException { ErrorCode: { Length: > 0 and <= 64 } code } service
            when !code.AsSpan().ContainsAnyExcept(CodeCharacters) => $"{code} (HTTP {(int)service.StatusCode})",
        AmazonServiceException { StatusCode: > 0 } service => $"HTTP {(int)service.StatusCode}",
        OperationCanceledException => "no answer in time",
        AmazonClientException => "the request could not be made or signed",
        _ => "out of reach",
    };

    private static bool IsFault(Exception e, CancellationToken stop) =>
        e is AmazonServiceException or AmazonClientException or HttpRequestException
        || (e is OperationCanceledException && !stop.IsCancellationRequested);
}

/// <summary>Where checkpoints are kept, and for how long they cannot be removed.</summary>
public sealed record S3AnchorOptions
{
    /// <summary>A bucket that was made with Object Lock.</summary>
    public required string Bucket { get; init; }

    /// <summary>Put before every key; empty, or ending in a slash.</summary>
    public string Prefix { get; init; } = "";

    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(365);
}
