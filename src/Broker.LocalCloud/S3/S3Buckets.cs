using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Broker.LocalCloud.Access;
using Broker.LocalCloud.Http;
using Broker.LocalCloud.Identity;
using Broker.LocalCloud.Signing;

namespace Broker.LocalCloud.S3;

/// <summary>Buckets as a whole: their list, HEAD, location, and ListObjects in both versions.</summary>
internal sealed class S3Buckets(CloudResources resources, ObjectStore store)
{
    private const int MaxKeysPerPage = 1000;

    public Outcome<IResult> ListAll(HttpContext http, Principal caller)
    {
        if (!Authorization.Allows(caller, "s3:ListAllMyBuckets", "*", null, S3Routes.ConditionKeys(http)))
            return S3Refusals.AccessDenied(caller, "s3:ListAllMyBuckets", "*");
        return Answer(S3Xml.Element(
            "ListAllMyBucketsResult",
            S3Xml.Element("Owner", S3Xml.Element("ID", resources.Account)),
            S3Xml.Element("Buckets", resources.Buckets.Select(bucket => S3Xml.Element(
                "Bucket",
                S3Xml.Element("Name", bucket.Name),
                S3Xml.Element("CreationDate", S3Xml.Time(DateTimeOffset.UnixEpoch)))))));
    }

    public static Outcome<IResult> Head(HttpContext http, Bucket bucket, Principal caller)
    {
        if (Denied(http, caller, "s3:ListBucket", bucket) is { } denied) return denied;
        http.Response.Headers["x-amz-bucket-region"] = "us-east-1";
        return Outcome<IResult>.Of(Results.Ok());
    }

    public static Outcome<IResult> Location(HttpContext http, Bucket bucket, Principal caller) =>
        Denied(http, caller, "s3:GetBucketLocation", bucket) is { } denied
            ? denied
            : Answer(S3Xml.Element("LocationConstraint"));

    /// <summary><c>GET /bucket</c>, version 2 where <c>list-type=2</c> says so.</summary>
    public Outcome<IResult> List(HttpContext http, S3Request request, Bucket bucket, Principal caller)
    {
        var query = request.Query;
        if (Denied(http, caller, "s3:ListBucket", bucket, [.. ListKeys(query)]) is { } denied) return denied;
        var versionTwo = query.GetValueOrDefault("list-type") == "2";
        var maxKeys = MaxKeysPerPage;
        if (query.TryGetValue("max-keys", out var text) && !int.TryParse(text, NumberStyles.None, null, out maxKeys))
            return S3Refusals.InvalidArgument("Provided max-keys not an integer or within integer range");
        var encoding = query.GetValueOrDefault("encoding-type");
        if (encoding is not (null or "url"))
            return S3Refusals.InvalidArgument("Invalid Encoding Method specified in Request");
        if (After(query, versionTwo) is not { } after)
            return S3Refusals.InvalidArgument("The continuation token provided is incorrect");

        var wish = new ListingWish(
            query.GetValueOrDefault("prefix", ""), query.GetValueOrDefault("delimiter", ""), after,
            Math.Min(maxKeys, MaxKeysPerPage));
        var page = store.List(bucket.Name, wish);
        return Answer(Page(bucket.Name, query, wish, page, versionTwo, encoding));
    }

    private static XElement Page(
        string bucket, IReadOnlyDictionary<string, string> query, ListingWish wish, ObjectListing page, bool versionTwo,
        string? encoding)
    {
        return S3Xml.Element(
            "ListBucketResult",
            S3Xml.Element("Name", bucket),
            S3Xml.Element("Prefix", Encode(wish.Prefix)),
            wish.Delimiter.Length > 0 ? S3Xml.Element("Delimiter", Encode(wish.Delimiter)) : null,
            S3Xml.Element("MaxKeys", wish.MaxKeys),
            S3Xml.Optional("EncodingType", encoding),
            S3Xml.Element("IsTruncated", page.ContinueAfter is not null),
            versionTwo ? VersionTwo() : VersionOne(),
            page.Objects.Select(stored => S3Xml.Element(
                "Contents",
                S3Xml.Element("Key", Encode(stored.Key)),
                S3Xml.Element("LastModified", S3Xml.Time(stored.LastModified)),
                S3Xml.Element("ETag", stored.ETag),
                S3Xml.Element("Size", stored.Bytes.Length),
                S3Xml.Element("StorageClass", "STANDARD"))),
            page.CommonPrefixes.Select(
                prefix => S3Xml.Element("CommonPrefixes", S3Xml.Element("Prefix", Encode(prefix)))));

        string Encode(string text) => encoding is null ? text : AwsEscape.Encode(text, keepSlash: true);

        IEnumerable<XElement?> VersionTwo() =>
        [
            S3Xml.Element("KeyCount", page.Objects.Count + page.CommonPrefixes.Count),
            S3Xml.Optional("ContinuationToken", query.GetValueOrDefault("continuation-token")),
            S3Xml.Optional("NextContinuationToken", page.ContinueAfter is { } last ? Token(last) : null),
            S3Xml.Optional("StartAfter", query.TryGetValue("start-after", out var start) ? Encode(start) : null),
        ];

        IEnumerable<XElement?> VersionOne() =>
        [
            S3Xml.Element("Marker", Encode(query.GetValueOrDefault("marker", ""))),
            S3Xml.Optional(
                "NextMarker", page.ContinueAfter is { } last && wish.Delimiter.Length > 0 ? Encode(last) : null),
        ];
    }

    /// <summary>Where the page begins, or null when the token is not one of ours.</summary>
    private static string? After(IReadOnlyDictionary<string, string> query, bool versionTwo)
    {
        if (!versionTwo) return query.GetValueOrDefault("marker", "");
        if (!query.TryGetValue("continuation-token", out var token)) return query.GetValueOrDefault("start-after", "");
        var bytes = new byte[token.Length];
        return Convert.TryFromBase64String(token, bytes, out var length) && length > 0
            ? Encoding.UTF8.GetString(bytes, 0, length)
            : null;
    }

    private static string Token(string last) => Convert.ToBase64String(Encoding.UTF8.GetBytes(last));

    private static IEnumerable<KeyValuePair<string, string[]>> ListKeys(IReadOnlyDictionary<string, string> query)
    {
        foreach (var name in (string[])["prefix", "delimiter", "max-keys"])
        {
            if (query.TryGetValue(name, out var value)) yield return new($"s3:{name}", [value]);
        }
    }

    private static AwsRefusal? Denied(
        HttpContext http, Principal caller, string action, Bucket bucket,
        params ReadOnlySpan<KeyValuePair<string, string[]>> keys)
    {
        var resource = Arn.Bucket(bucket.Name);
        return Authorization.Allows(caller, action, resource, bucket.Policy, [.. S3Routes.ConditionKeys(http), .. keys])
            ? null
            : S3Refusals.AccessDenied(caller, action, resource);
    }

    private static Outcome<IResult> Answer(XElement document) => Outcome<IResult>.Of(S3Xml.Answer(document));
}
