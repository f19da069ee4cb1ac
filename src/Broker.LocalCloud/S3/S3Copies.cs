using Broker.LocalCloud.Http;
using Broker.LocalCloud.Identity;
using Broker.LocalCloud.Signing;

namespace Broker.LocalCloud.S3;

/// <summary>
/// CopyObject: PUT with <c>x-amz-copy-source: /bucket/key</c>. The copy has the source's bytes and headers; the caller
/// needs <c>s3:GetObject</c> on the one and <c>s3:PutObject</c> on the other.
/// </summary>
internal sealed class S3Copies(CloudResources resources, ObjectStore store, TimeProvider clock)
{
    private const string Source = "x-amz-copy-source";

    public static bool IsOne(HttpRequest request) => request.Headers.ContainsKey(Source);

    public Outcome<IResult> Copy(HttpContext http, S3Request request, Bucket target, VerifiedSignature signature)
    {
        if (S3Objects.Denied(http, signature.Caller, "s3:PutObject", target, request.Key) is { } denied) return denied;
        var (name, key) = SourceOf(http.Request);
        if (key.Length == 0 || key.Contains('\0', StringComparison.Ordinal))
            return S3Refusals.InvalidArgument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
        if (resources.Bucket(name) is not { } source) return S3Refusals.NoSuchBucket;
        if (S3Objects.Denied(http, signature.Caller, "s3:GetObject", source, key) is { } unreadable) return unreadable;
        if (store.Find(source.Name, key) is not { } stored) return S3Refusals.NoSuchKey;

        var copy = stored with { Key = request.Key, LastModified = clock.GetUtcNow() };
        if (store.Put(target.Name, copy, _ => true) is { } refused) return refused;
        return Outcome<IResult>.Of(S3Xml.Answer(S3Xml.Element(
            "CopyObjectResult",
            S3Xml.Element("LastModified", S3Xml.Time(copy.LastModified)),
            S3Xml.Element("ETag", copy.ETag))));
    }

    private static (string Bucket, string Key) SourceOf(HttpRequest request)
    {
        // Clients escape all of it, slashes too; a bucket's name has none.
        var parts = Uri.UnescapeDataString(request.Headers[Source].ToString()).TrimStart('/').Split('/', 2);
        return parts is [var bucket, var key] ? (bucket, key) : ("", "");
    }
}
