using Broker.Foundation.Results;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.OAuth.Protocol;

/// <summary>Why an OAuth request is refused. The kind of each is its <c>error</c> (RFC 6749 §5.2).</summary>
internal static class OAuthRefusals
{
    public static readonly RefusalCode InvalidRequest = Of(
        "oauth_invalid_request", "invalid_request", Refused.CorrectAndSend);

    public static readonly RefusalCode UnsupportedGrant = Of(
        "oauth_unsupported_grant", "unsupported_grant_type",
        "Use a grant that grant_types_supported in /.well-known/oauth-authorization-server names.");

    public static readonly RefusalCode InvalidClient = new(
        "oauth_invalid_client", "invalid_client", Status401Unauthorized,
        "Send a client_assertion (RFC 7523) signed with a key of the client in BROKER_OAUTH_CLIENTS_FILE.",
        LedgerOutcome.AuthFailed);

    public static readonly RefusalCode ClientAssertionReplayed = new(
        "oauth_client_assertion_replayed", "invalid_client", Status401Unauthorized,
        "Sign a new client_assertion with a new jti for each request.", LedgerOutcome.AuthFailed);

    public static readonly RefusalCode ClientNotAllowed = Of(
        "oauth_client_not_allowed", "unauthorized_client",
        "Ask the operator to add the grant to the client in BROKER_OAUTH_CLIENTS_FILE.", LedgerOutcome.Denied);

    public static readonly RefusalCode InvalidTarget = Of(
        "oauth_invalid_target", "invalid_target", "Send audience=sts.amazonaws.com, or another of BROKER_OIDC_AUDIENCES, once, and no resource.");

    public static readonly RefusalCode SessionOfAnotherClient = Of(
        "oauth_session_of_another_client", "unauthorized_client",
        "Present a session of the client itself.", LedgerOutcome.Denied);

    /// <summary>Every code of this folder.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        InvalidRequest, UnsupportedGrant, InvalidClient, ClientAssertionReplayed, ClientNotAllowed, InvalidTarget,
        SessionOfAnotherClient,
    ];

    /// <summary>
    /// Our code for an error that OpenIddict found. What is wrong with a grant our own handlers find; where OpenIddict
    /// says <c>invalid_grant</c>, a client assertion names another client.
    /// </summary>
    public static RefusalCode OfError(string? error) => error switch
    {
        "invalid_client" or "invalid_grant" or "invalid_token" => InvalidClient,
        "unauthorized_client" => ClientNotAllowed,
        "unsupported_grant_type" => UnsupportedGrant,
        "invalid_target" => InvalidTarget,
        _ => InvalidRequest,
    };

    private static RefusalCode Of(string text, string error, string nextStep, LedgerOutcome? outcome = null) =>
        new(text, error, Status400BadRequest, nextStep, outcome ?? LedgerOutcome.BadRequest);
}
