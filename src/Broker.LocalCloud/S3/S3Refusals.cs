using Broker.LocalCloud.Http;
using Broker.LocalCloud.Identity;
using Broker.LocalCloud.Signing;

namespace Broker.LocalCloud.S3;

/// <summary>S3's error codes with their statuses and sentences (S3 API Reference, "Error responses").</summary>
internal static class S3Refusals
{
    public static AwsRefusal NoSuchBucket { get; } = new(404, "NoSuchBucket", "The specified bucket does not exist");

    public static AwsRefusal NoSuchKey { get; } = new(404, "NoSuchKey", "The specified key does not exist.");

    public static AwsRefusal KeyTooLong { get; } = new(400, "KeyTooLongError", "Your key is too long");

    public static AwsRefusal EntityTooLarge { get; } = new(
        400, "EntityTooLarge",
        $"Your proposed upload exceeds the maximum of {ObjectStore.MaxObjectBytes} bytes of the local cloud");

    public static AwsRefusal Full { get; } = new(
        507, "InsufficientStorage", $"The local cloud holds {ObjectStore.MaxTotalBytes} bytes at most");

    public static AwsRefusal IncompleteBody { get; } = new(
        400, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header.");

    public static AwsRefusal PreconditionFailed { get; } = new(
        412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold");

    public static AwsRefusal PayloadMismatch { get; } = new(
        400, "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.");

    public static AwsRefusal BadDigest(string what) => new(
        400, "BadDigest", $"The {what} you specified did not match the calculated checksum.");

    public static AwsRefusal InvalidArgument(string message) => new(400, "InvalidArgument", message);

    public static AwsRefusal InvalidRequest(string message) => new(400, "InvalidRequest", message);

    public static AwsRefusal NotImplemented(string what) => new(
        501, "NotImplemented",
        $"{what}: the local cloud puts, copies, gets, heads, lists and deletes whole objects, and no more");

    public static AwsRefusal AccessDenied(Principal caller, string action, string resource) => new(
        403, "AccessDenied", $"User: {caller.Arn} is not authorized to perform: {action} on resource: \"{resource}\"");

    public static AwsRefusal SignatureDoesNotMatch { get; } = new(
        403, "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. "
        + "Check your key and signing method.");

    public static AwsRefusal Of(SignatureFault fault) => fault switch
    {
        SignatureFault.Missing => new(
            403, "AccessDenied", "Access Denied: the local cloud serves signed requests only"),
        SignatureFault.Malformed => new(
            400, "AuthorizationHeaderMalformed",
            "The signature cannot be read, or leaves out a header that must be signed."),
        SignatureFault.WrongScope => new(
            400, "AuthorizationHeaderMalformed", "The scope must name the service s3 and the day of the request."),
        SignatureFault.UnknownAccessKey => new(
            403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."),
        SignatureFault.WrongSessionToken => new(
            400, "InvalidToken", "The provided token is malformed or otherwise invalid."),
        SignatureFault.ExpiredCredentials => new(400, "ExpiredToken", "The provided token has expired."),
        SignatureFault.Skewed => new(
            403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."),
        _ => SignatureDoesNotMatch,
    };
}
