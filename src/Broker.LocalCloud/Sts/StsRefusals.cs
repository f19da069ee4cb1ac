using Broker.LocalCloud.Http;
using Broker.LocalCloud.Signing;

namespace Broker.LocalCloud.Sts;

/// <summary>STS's error codes with the sentences that AWS's users know.</summary>
internal static class StsRefusals
{
    public static AwsRefusal Validation(string message) => new(400, "ValidationError", message);

    public static AwsRefusal InvalidIdentityToken(string message) => new(400, "InvalidIdentityToken", message);

    public static AwsRefusal ExpiredToken(long now, long expired) => new(
        400, "ExpiredTokenException",
        $"Token expired: current date/time {now} must be before the expiration date/time {expired}");

    public static AwsRefusal IdpCommunication(string message) => new(400, "IDPCommunicationError", message);

    public static AwsRefusal MalformedPolicy(string fault) => new(400, "MalformedPolicyDocument", fault);

    public static AwsRefusal PackedPolicyTooLarge(int percent) => new(
        400, "PackedPolicyTooLarge",
        $"Packed size of session policy and tags consumes {percent}% of allotted space.");

    /// <summary>What a stranger with a token hears; AWS does not say which condition failed.</summary>
    public static AwsRefusal NotAuthorized(string action) =>
        new(403, "AccessDenied", $"Not authorized to perform {action}");

    public static AwsRefusal NotAuthorized(string caller, string action, string resource) => new(
        403, "AccessDenied", $"User: {caller} is not authorized to perform: {action} on resource: {resource}");

    public static AwsRefusal Of(SignatureFault fault) => fault switch
    {
        SignatureFault.Missing => new(403, "MissingAuthenticationToken", "Request is missing Authentication Token"),
        SignatureFault.Malformed => new(
            400, "IncompleteSignature",
            "The request signature cannot be read, or leaves out a header that must be signed."),
        SignatureFault.WrongScope => new(
            403, "SignatureDoesNotMatch",
            "Credential should be scoped to the service sts and to the day of the request."),
        SignatureFault.UnknownAccessKey or SignatureFault.WrongSessionToken => new(
            403, "InvalidClientTokenId", "The security token included in the request is invalid."),
        SignatureFault.ExpiredCredentials => new(
            403, "ExpiredToken", "The security token included in the request is expired"),
        SignatureFault.Skewed => new(
            403, "SignatureDoesNotMatch",
            "Signature expired: the request's time differs from ours by more than 15 minutes."),
        _ => new(
            403, "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            + "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."),
    };
}
