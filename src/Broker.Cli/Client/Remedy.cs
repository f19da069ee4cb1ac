namespace Broker.Cli.Client;

/// <summary>
/// What an operator changes so that a refusal ends: a setting of the broker, or a statement of the role's policy in AWS.
/// The refusal's own next step speaks to the caller.
/// </summary>
internal static class Remedy
{
    /// <summary>Null where a change of the caller's own request is all that helps.</summary>
    /// <param name="code">The refusal's stable code.</param>
    /// <param name="message">Its message, which names what STS answered.</param>
    public static string? Of(string? code, string? message) => code switch
    {
        "role_not_in_catalogue" => "add the role to the file of BROKER_ROLES_PATH, or set BROKER_DATA_ROLE_ARN, "
            + "BROKER_VAULT_ROLE_ARN, BROKER_MEMORY_ROLE_ARN or BROKER_CONFIG_ROLE_ARN",
        "lifetime_out_of_bounds" => "raise the role's longest session: max_session_seconds in the file of BROKER_ROLES_PATH, and in "
            + "AWS aws iam update-role --max-session-duration",
        "unknown_audience" => "add the audience to BROKER_OIDC_AUDIENCES",
        "signature_required" => "BROKER_REQUIRE_SIGNED_MINT=false lets mints without a wallet's signature in",
        "grant_required" => "BROKER_REQUIRE_EXPLICIT_GRANT=false lets mints without a grant in",
        "mint_rate_limited" => "raise BROKER_RATE_LIMIT_MINTS_PER_HOUR_PER_OMNI",
        "role_not_of_client" => "add the role to the client's roles in BROKER_OAUTH_CLIENTS_FILE",
        "client_gone" => "put the client back into BROKER_OAUTH_CLIENTS_FILE",
        "backend_unreachable" => "look at BROKER_BACKEND_URL",
        "sts_failed" or "sts_busy" => OfSts(message ?? ""),
        _ => null,
    };

    /// <summary>STS's own codes, as the broker's message names them.</summary>
    private static string? OfSts(string message) => message switch
    {
        _ when message.Contains("AccessDenied", StringComparison.Ordinal) =>
            "the role's trust policy must allow sts:AssumeRoleWithWebIdentity and sts:TagSession (with "
            + "BROKER_OIDC_SOURCE_IDENTITY=true also sts:SetSourceIdentity) to "
            + "Principal.Federated arn:aws:iam::<account>:oidc-provider/<issuer without https://>, with Condition "
            + "StringEquals <issuer without https://>:aud = sts.amazonaws.com",
        _ when message.Contains("InvalidIdentityToken", StringComparison.Ordinal) =>
            "the account needs the issuer as a provider: aws iam create-open-id-connect-provider --url <issuer> "
            + "--client-id-list sts.amazonaws.com; BROKER_OIDC_ISSUER must be that address byte for byte",
        _ when message.Contains("IDPCommunicationError", StringComparison.Ordinal) =>
            "AWS must reach <issuer>/.well-known/openid-configuration and its keys over TLS",
        _ when message.Contains("InvalidClientTokenId", StringComparison.Ordinal)
            || message.Contains("SignatureDoesNotMatch", StringComparison.Ordinal) =>
            "look at the broker's own AWS key, or set BROKER_STS_MODE=web_identity, which needs none",
        _ when message.Contains("PackedPolicyTooLarge", StringComparison.Ordinal) =>
            "shorten the role's bucket name and tags",
        _ when message.Contains("ValidationError", StringComparison.Ordinal) =>
            "raise the role's longest session: aws iam update-role --max-session-duration",
        _ => null,
    };
}
