using System.Text;
using Broker.LocalCloud.Access;
using Broker.LocalCloud.Http;
using Broker.LocalCloud.Identity;
using Broker.LocalCloud.Signing;
using Microsoft.Net.Http.Headers;

namespace Broker.LocalCloud.S3;

/// <summary>One object: PUT, GET, HEAD and DELETE on <c>/bucket/key</c>.</summary>
internal sealed class S3Objects(ObjectStore store, TimeProvider clock)
{
    private const int MaxKeyBytes = 1024;
    private const int MaxMetadataBytes = 2048;
    private const string MetadataPrefix = "x-amz-meta-";

    private static readonly string[] KeptHeaders =
    [
        HeaderNames.ContentType, HeaderNames.CacheControl, HeaderNames.ContentDisposition, HeaderNames.ContentEncoding,
        HeaderNames.ContentLanguage, HeaderNames.Expires,
    ];

    /// <summary>
    /// Keeps the body under the key once policies, signatures and checksums have all been found good.
    /// </summary>
    public async Task<Outcome<IResult>> PutAsync(
        HttpContext http, S3Request request, Bucket bucket, string payloadHash, VerifiedSignature signature,
        CancellationToken stop)
    {
        if (Denied(http, signature.Caller, "s3:PutObject", bucket, request.Key) is { } denied) return denied;
        if (Encoding.UTF8.GetByteCount(request.Key) > MaxKeyBytes) return S3Refusals.KeyTooLong;
        var headers = Kept(http.Request);
        if (headers.Where(IsMetadata).Sum(header => header.Key.Length + header.Value.Length) > MaxMetadataBytes)
            return new AwsRefusal(
                400, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size.");

        var upload = await S3Upload.ReadAsync(http.Request, payloadHash, signature, stop);
        if (upload.Refusal is { } bad) return bad;
        var etag = $"\"{Convert.ToHexStringLower(S3Upload.Md5(upload.Value.Bytes))}\"";
        var stored = new StoredObject(request.Key, upload.Value.Bytes, headers, etag, clock.GetUtcNow());
        if (store.Put(bucket.Name, stored, before => ConditionHolds(http.Request, before)) is { } refused)
            return refused;

        http.Response.Headers.ETag = etag;
        foreach (var (name, value) in upload.Value.ChecksumHeaders) http.Response.Headers[name] = value;
        return Done(Results.Ok());
    }

    /// <summary>GET and HEAD, with ranges and conditions.</summary>
    public Outcome<IResult> Get(HttpContext http, S3Request request, Bucket bucket, Principal caller)
    {
        if (Denied(http, caller, "s3:GetObject", bucket, request.Key) is { } denied) return denied;
        if (store.Find(bucket.Name, request.Key) is not { } stored)
        {
            // Who may not list must not learn which keys exist.
            return Denied(http, caller, "s3:ListBucket", bucket, key: null) ?? S3Refusals.NoSuchKey;
        }

        foreach (var (name, value) in stored.Headers)
        {
            if (name != HeaderNames.ContentType) http.Response.Headers[name] = value;
        }

        var type = stored.Headers.GetValueOrDefault(HeaderNames.ContentType, "binary/octet-stream");
        return Done(Results.Bytes(
            stored.Bytes, type, fileDownloadName: null, enableRangeProcessing: true, stored.LastModified,
            new EntityTagHeaderValue(stored.ETag)));
    }

    /// <summary>Succeeds whether or not the key was there, as on S3.</summary>
    public Outcome<IResult> Delete(HttpContext http, S3Request request, Bucket bucket, Principal caller)
    {
        if (Denied(http, caller, "s3:DeleteObject", bucket, request.Key) is { } denied) return denied;
        store.Delete(bucket.Name, request.Key);
        return Done(Results.NoContent());
    }

    private static Outcome<IResult> Done(IResult result) => Outcome<IResult>.Of(result);

    public static AwsRefusal? Denied(HttpContext http, Principal caller, string action, Bucket bucket, string? key)
    {
        var resource = key is null ? Arn.Bucket(bucket.Name) : Arn.Object(bucket.Name, key);
        return Authorization.Allows(caller, action, resource, bucket.Policy, S3Routes.ConditionKeys(http))
            ? null
            : S3Refusals.AccessDenied(caller, action, resource);
    }

    private static Dictionary<string, string> Kept(HttpRequest request)
    {
        var kept = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in KeptHeaders)
        {
            var value = request.Headers[name].ToString();
            if (name == HeaderNames.ContentEncoding) value = WithoutTransferEncoding(value);
            if (value.Length > 0) kept[name] = value;
        }

        foreach (var (name, value) in request.Headers)
        {
            if (name.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase))
                kept[name.ToLowerInvariant()] = value.ToString();
        }

        return kept;
    }

    /// <summary><c>aws-chunked</c> describes the transfer, not the object.</summary>
    private static string WithoutTransferEncoding(string encodings) => string.Join(
        ',', encodings.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(encoding => !encoding.Equals("aws-chunked", StringComparison.OrdinalIgnoreCase)));

    private static bool IsMetadata(KeyValuePair<string, string> header) =>
        header.Key.StartsWith(MetadataPrefix, StringComparison.Ordinal);

    /// <summary><c>If-None-Match: *</c> (only if absent) and <c>If-Match: "etag"</c> (only if unchanged).</summary>
    private static bool ConditionHolds(HttpRequest request, StoredObject? before)
    {
        var unlessMatches = request.Headers.IfNoneMatch.ToString();
        var ifMatches = request.Headers.IfMatch.ToString();
        if (unlessMatches.Length > 0 && Matches(unlessMatches, before)) return false;
        return ifMatches.Length == 0 || Matches(ifMatches, before);
    }

    private static bool Matches(string tag, StoredObject? stored) =>
        stored is not null && (tag == "*" || stored.ETag.Trim('"') == tag.Trim('"'));
}
