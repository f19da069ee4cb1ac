using System.Globalization;
using System.Xml;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Broker.AwsAccount;
using Broker.Foundation;
using Broker.Foundation.Results;

namespace Broker.DataClasses;

/// <summary>An envelope as it lies in a bucket.</summary>
/// <param name="Epoch">The key epoch that it was sealed in; null where the object does not say.</param>
internal sealed record StoredEnvelope(byte[] Bytes, long? Epoch);

/// <summary>
/// The network edge to the buckets of the data classes, with the caller's rights or this process's. S3's own words stay
/// here; its codes are told. Each call ends within <c>BROKER_DATA_TIMEOUT_SECONDS</c>, whoever hangs up.
/// </summary>
internal sealed partial class DataBucket(DataOptions options, AwsAccountOptions account, ILogger<DataBucket> log)
    : IDisposable
{
    private const int KeysPerPage = 1000;
    private const int DeletionsAtOnce = 16;
    private const int Retries = 2;

    /// <summary>User metadata of an object: the epoch that its envelope is bound to.</summary>
    private const string EpochMetadata = "k3-epoch";

    // Credentials are looked for at the first call, and again while there are none.
    private readonly Lazy<AmazonS3Client> _instance = new(
        () => new AmazonS3Client(OwnCredentials.Of(account.Keys), Configure(options)),
        LazyThreadSafetyMode.PublicationOnly);

    public Task<Result<string>> PutAsync(DataRights rights, string bucket, string key, byte[] envelope, long epoch) =>
        CallAsync<string>(rights, "PutObject", DataRefusals.S3Put, key, async (s3, stop) =>
        {
            using var body = new MemoryStream(envelope, writable: false);
            var request = new PutObjectRequest
            {
                BucketName = bucket,
                Key = key,
                InputStream = body,
                ContentType = "application/octet-stream",
            };
            request.Metadata.Add(EpochMetadata, epoch.ToString(CultureInfo.InvariantCulture));
            await s3.PutObjectAsync(request, stop);
            return key;
        });

    public Task<Result<StoredEnvelope>> GetAsync(DataRights rights, string bucket, string key) =>
        CallAsync<StoredEnvelope>(rights, "GetObject", DataRefusals.S3Get, key, async (s3, stop) =>
        {
            if (await OpenAsync(s3, bucket, key, stop) is not { } got) return Missing();
            using var opened = got;
            if (got.ContentLength < 0 || got.ContentLength > options.LargestEnvelope)
            {
                return new Refusal(
                    DataRefusals.S3Body, $"s3 GetObject: {key} is larger than BROKER_REQUEST_BODY_LIMIT_BYTES allows");
            }

            var bytes = new byte[got.ContentLength];
            try
            {
                await got.ResponseStream.ReadExactlyAsync(bytes, stop);
            }
            catch (Exception lost) when (lost is IOException or HttpRequestException or AmazonClientException)
            {
                LogUnreachable(log, "GetObject", lost);
                return new Refusal(DataRefusals.S3Body, $"s3 GetObject: the body of {key} ended early");
            }

            return DecimalDigits.TryRead(got.Metadata[EpochMetadata], out var epoch) && epoch <= long.MaxValue
                ? new StoredEnvelope(bytes, (long)epoch)
                : new StoredEnvelope(bytes, null);
        });

    /// <summary>Deletes all below a prefix, page after page, and says how many there were.</summary>
    public async Task<Result<int>> DeleteAllAsync(DataRights rights, string bucket, string prefix)
    {
        var deleted = 0;
        string? next = null;
        do
        {
            var after = next;
            var page = await CallAsync<ListObjectsV2Response>(
                rights, "ListObjectsV2", DataRefusals.S3List, prefix, async (s3, stop) =>
                    await s3.ListObjectsV2Async(new ListObjectsV2Request
                    {
                        BucketName = bucket,
                        Prefix = prefix,
                        MaxKeys = KeysPerPage,
                        ContinuationToken = after,
                    }, stop));
            if (page.Refusal is { } unlisted) return unlisted.Within($"{deleted} keys were deleted before");

            // Each by itself: every implementation of S3 has that, and one that is denied says which.
            string[] keys = [.. (page.Value.S3Objects ?? []).Select(one => one.Key)];
            Refusal? failed = null;
            await Parallel.ForEachAsync(
                keys, new ParallelOptions { MaxDegreeOfParallelism = DeletionsAtOnce }, async (key, _) =>
                {
                    var gone = await DeleteAsync(rights, bucket, key);
                    if (gone.Refusal is { } refusal) failed = refusal;
                    else Interlocked.Increment(ref deleted);
                });
            if (failed is not null) return failed.Within($"{deleted} keys were deleted");
            next = page.Value.IsTruncated == true ? page.Value.NextContinuationToken : null;
        }
        while (next is not null);

        return deleted;
    }

    public void Dispose()
    {
        if (_instance.IsValueCreated) _instance.Value.Dispose();
    }

    /// <summary>
    /// Null where there is no such object. Where the grant to list is for a prefix, S3 says of one that is not there
    /// that it is denied; a listing of its own name then tells.
    /// </summary>
    private static async Task<GetObjectResponse?> OpenAsync(
        AmazonS3Client s3, string bucket, string key, CancellationToken stop)
    {
        try
        {
            return await s3.GetObjectAsync(new GetObjectRequest { BucketName = bucket, Key = key }, stop);
        }
        catch (AmazonS3Exception missing) when (missing.ErrorCode == "NoSuchKey")
        {
            return null;
        }
        catch (AmazonS3Exception denied) when (denied.ErrorCode == "AccessDenied")
        {
            var own = new ListObjectsV2Request { BucketName = bucket, Prefix = key, MaxKeys = 1 };
            try
            {
                var listed = await s3.ListObjectsV2Async(own, stop);
                if (listed.S3Objects is not [var first, ..] || first.Key != key) return null;
            }
            catch (AmazonS3Exception)
            {
                // It may not be listed either: the denial stands.
            }

            throw;
        }
    }

    private static Refusal Missing() =>
        new(DataRefusals.NotStored, "nothing is stored for this actor and service");

    private Task<Result<string>> DeleteAsync(DataRights rights, string bucket, string key) =>
        CallAsync<string>(rights, "DeleteObject", DataRefusals.S3Delete, key, async (s3, stop) =>
        {
            await s3.DeleteObjectAsync(new DeleteObjectRequest { BucketName = bucket, Key = key }, stop);
            return key;
        });

    private async Task<Result<T>> CallAsync<T>(
        DataRights rights, string operation, RefusalCode failure, string place,
        Func<AmazonS3Client, CancellationToken, Task<Result<T>>> call)
        where T : notnull
    {
        using var limit = new CancellationTokenSource(options.Timeout);
        try
        {
            if (rights.Own is null) return await call(_instance.Value, limit.Token);
            using var own = new AmazonS3Client(rights.Own, Configure(options));
            return await call(own, limit.Token);
        }
        catch (AmazonServiceException refused) when (refused.StatusCode != 0)
        {
            // The code is a word of AWS's own; the message may name keys and identities, so it stays here.
            var code = AwsErrorCode.Of(refused.ErrorCode);
            LogRefused(log, operation, code);
            return new Refusal(
                failure, $"s3 {operation}: {code}: S3 refused {place} to the credentials of the {rights.OnRecord}");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return new Refusal(failure, $"s3 {operation}: S3 did not answer in time");
        }
        catch (Exception lost) when (lost is AmazonClientException or AmazonServiceException or HttpRequestException
            or IOException or TimeoutException or XmlException or FormatException)
        {
            LogUnreachable(log, operation, lost);
            return new Refusal(failure, $"s3 {operation}: no AWS credentials, or S3 could not be reached");
        }
    }

    private static AmazonS3Config Configure(DataOptions options)
    {
        var config = S3Clients.Configure(options.Region, options.Endpoint);
        config.MaxErrorRetry = Retries;
        config.RetryMode = RequestRetryMode.Standard;
        config.Timeout = options.Timeout;
        return config;
    }

    /// <summary>At debug only; S3's own text is not in it, for it may name what the caller sent.</summary>
    [LoggerMessage(Level = LogLevel.Debug, Message = "S3 refused {Operation} with {Code}")]
    private static partial void LogRefused(ILogger log, string operation, string code);

    [LoggerMessage(Level = LogLevel.Debug, Message = "S3 could not be reached for {Operation}")]
    private static partial void LogUnreachable(ILogger log, string operation, Exception fault);
}
