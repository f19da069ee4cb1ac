using Broker.LocalCloud.Faults;
using Broker.LocalCloud.Http;
using Broker.LocalCloud.Identity;
using Broker.LocalCloud.Signing;

namespace Broker.LocalCloud.S3;

/// <summary>
/// S3 in path style: everything that no other route takes. Signature first, then bucket, then the operation, which asks
/// the policies. <c>GET /</c> without a signature is the front page.
/// </summary>
internal sealed class S3Routes(
    CloudResources resources, SignatureVerifier signatures, S3Objects objects, S3Copies copies, S3Buckets buckets,
    InjectedFaults faults)
{
    /// <summary>Query parameters that belong to the operations served here, or that mean nothing.</summary>
    private static readonly HashSet<string> KnownParameters = new(StringComparer.Ordinal)
    {
        "list-type", "prefix", "delimiter", "max-keys", "marker", "continuation-token", "start-after", "encoding-type",
        "fetch-owner", "location", "x-id",
    };

    public static void Map(IEndpointRouteBuilder routes) => routes.Map(
        "/{**path}", (S3Routes s3, HttpContext http, CancellationToken stop) => s3.HandleAsync(http, stop));

    /// <summary>The condition keys that describe the connection and the moment.</summary>
    public static IEnumerable<KeyValuePair<string, string[]>> ConditionKeys(HttpContext http)
    {
        yield return new("aws:SecureTransport", [http.Request.IsHttps ? "true" : "false"]);
        if (http.Connection.RemoteIpAddress is { } address) yield return new("aws:SourceIp", [address.ToString()]);
        if (http.Request.Headers.Referer is [{ } referer]) yield return new("aws:Referer", [referer]);
        if (http.Request.Headers.UserAgent is [{ } agent]) yield return new("aws:UserAgent", [agent]);
    }

    private async Task<IResult> HandleAsync(HttpContext http, CancellationToken stop)
    {
        if (http.Request is { Method: "GET", Path.Value: "/" } && !PresentedSignature.IsPresent(http.Request))
            return AboutRoutes.FrontPage(resources);

        var requestId = Guid.NewGuid().ToString("N");
        http.Response.Headers["x-amz-request-id"] = requestId;
        var outcome = await ActAsync(http, stop);
        return outcome.Refusal is { } refusal ? S3Xml.Error(refusal, http.Request.Path, requestId) : outcome.Value;
    }

    private async Task<Outcome<IResult>> ActAsync(HttpContext http, CancellationToken stop)
    {
        if (await faults.StrikeAsync(CloudPart.S3, stop) is { } injected) return injected;
        if (!S3Request.TryRead(http.Request, out var request))
            return S3Refusals.InvalidRequest("the request's address cannot be read");

        // 1. Who signed, and with what to say about the body.
        var payloadHash = http.Request.Headers[PayloadHash.Header] is [{ } given] ? given : PayloadHash.Unsigned;
        if (!PayloadHash.IsKnown(payloadHash))
            return S3Refusals.InvalidRequest($"{PayloadHash.Header} is not a known value");
        var (signature, fault) = signatures.Verify(http.Request, "s3", payloadHash);
        if (signature is null) return S3Refusals.Of(fault);

        // 2. What is asked for, among the things that exist.
        if (request.Query.Keys.FirstOrDefault(IsUnknown) is { } unknown)
            return S3Refusals.NotImplemented($"?{unknown}");
        if (request.Bucket.Length == 0)
            return request.Method == "GET" ? buckets.ListAll(http, signature.Caller) : NotAllowed();
        if (resources.Bucket(request.Bucket) is not { } bucket) return S3Refusals.NoSuchBucket;

        // 3. The operation, which asks the policies first of all.
        return (request.Method, request.Key.Length == 0) switch
        {
            ("GET", true) when request.Query.ContainsKey("location") =>
                S3Buckets.Location(http, bucket, signature.Caller),
            ("GET", true) => buckets.List(http, request, bucket, signature.Caller),
            ("HEAD", true) => S3Buckets.Head(http, bucket, signature.Caller),
            ("GET" or "HEAD", false) => objects.Get(http, request, bucket, signature.Caller),
            ("PUT", false) when S3Copies.IsOne(http.Request) => copies.Copy(http, request, bucket, signature),
            ("PUT", false) => await objects.PutAsync(http, request, bucket, payloadHash, signature, stop),
            ("DELETE", false) => objects.Delete(http, request, bucket, signature.Caller),
            _ => NotAllowed(),
        };
    }

    private static bool IsUnknown(string parameter) =>
        !KnownParameters.Contains(parameter)
        && !parameter.StartsWith("X-Amz-", StringComparison.OrdinalIgnoreCase)
        && !parameter.StartsWith("response-", StringComparison.Ordinal);

    private static AwsRefusal NotAllowed() => new(
        405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
}
