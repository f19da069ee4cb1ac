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
        "Prove the client as BROKER_OAUTH_CLIENTS_FILE has it: by its secret, or by a client_assertion (RFC 7523).",
        LedgerOutcome.AuthFailed);

    public static readonly RefusalCode ClientAssertionReplayed = new(
        "oauth_client_assertion_replayed", "invalid_client", Status401Unauthorized,
        "Sign a new client_assertion with a new jti for each request.", LedgerOutcome.AuthFailed);

    public static readonly RefusalCode ClientNotAllowed = Of(
        "oauth_client_not_allowed", "unauthorized_client",
        "Ask the operator to add the grant to the client in BROKER_OAUTH_CLIENTS_FILE.", LedgerOutcome.Denied);

    public static readonly RefusalCode InvalidTarget = Of(
        "oauth_invalid_target", "invalid_target",
        "Send audience=sts.amazonaws.com, or another of BROKER_OIDC_AUDIENCES, once, or the resource that was granted.");

    public static readonly RefusalCode InvalidGrant = Of(
        "oauth_invalid_grant", "invalid_grant", "Begin again: ask the person, and use each code and refresh token once.",
        LedgerOutcome.AuthFailed);

    public static readonly RefusalCode InvalidScope = Of(
        "oauth_invalid_scope", "invalid_scope", "Ask for scopes that scopes_supported names and the client may have.");

    public static readonly RefusalCode AccessDenied = Of(
        "oauth_access_denied", "access_denied", "Ask the person again.", LedgerOutcome.Denied);

    public static readonly RefusalCode ExpiredToken = Of(
        "oauth_expired_token", "expired_token", "Ask for a new device code.");

    // Polls that come in time are no attempts: they are not on record.
    public static readonly RefusalCode AuthorizationPending = new(
        "oauth_authorization_pending", "authorization_pending", Status400BadRequest,
        "Poll again after interval seconds.", null);

    public static readonly RefusalCode SlowDown = new(
        "oauth_slow_down", "slow_down", Status400BadRequest,
        "Add five seconds to the interval, and poll again after it.", null);

    public static readonly RefusalCode SessionOfAnotherClient = Of(
        "oauth_session_of_another_client", "unauthorized_client",
        "Present a session of the client itself.", LedgerOutcome.Denied);

    /// <summary>Every code of this folder.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        InvalidRequest, UnsupportedGrant, InvalidClient, ClientAssertionReplayed, ClientNotAllowed, InvalidTarget,
        SessionOfAnotherClient, InvalidGrant, InvalidScope, AccessDenied, ExpiredToken, AuthorizationPending, SlowDown,
    ];

    /// <summary>
    /// Our code for an error that OpenIddict found. Where it says <c>invalid_grant</c> without a code, a client assertion
    /// names another client.
    /// </summary>
    public static RefusalCode OfError(string? error, bool hasCode) => error switch
    {
        "invalid_grant" when hasCode => InvalidGrant,
        "invalid_client" or "invalid_grant" or "invalid_token" => InvalidClient,
        "invalid_scope" => InvalidScope,
        "unauthorized_client" => ClientNotAllowed,
        "unsupported_grant_type" => UnsupportedGrant,
        "invalid_target" => InvalidTarget,
        _ => InvalidRequest,
    };

    private static RefusalCode Of(string text, string error, string nextStep, LedgerOutcome? outcome = null) =>
        new(text, error, Status400BadRequest, nextStep, outcome ?? LedgerOutcome.BadRequest);
}
