namespace Broker.Aws;

/// <summary>The error codes of STS, and what each means for the caller. STS's own message is not handed on.</summary>
internal static class StsErrorCode
{
    /// <summary>What the code says, in words of our own.</summary>
    public static string Meaning(string code) => code switch
    {
        "AccessDenied" or "AccessDeniedException" =>
            "the role's trust policy does not let this issuer, subject or tag in",
        "ExpiredToken" or "ExpiredTokenException" => "STS finds the token expired; compare the clocks",
        "InvalidIdentityToken" => "STS does not accept the issuer's token; compare issuer, audience and keys",
        "IDPCommunicationError" => "STS could not fetch the issuer's discovery document or keys",
        "IDPRejectedClaim" => "STS rejects a claim of the token",
        "InvalidClientTokenId" or "SignatureDoesNotMatch" or "UnrecognizedClientException" =>
            "STS does not know the broker's own AWS key",
        "MalformedPolicyDocument" => "STS cannot read the session policy",
        "PackedPolicyTooLarge" => "the session policy and tags are too large",
        "RegionDisabledException" => "STS is not active in this region",
        "Throttling" or "ThrottlingException" or "RequestLimitExceeded" => "STS asks for fewer requests",
        "ValidationError" => "STS finds a parameter invalid; the role may not allow such a lifetime",
        _ => "STS refused",
    };
}
