using Broker.Foundation.Results;
using Broker.Modules;

namespace Broker.Grants;

/// <summary>Why a grant is not made, not revoked, or not enough for a mint.</summary>
internal static class GrantRefusals
{
    private const string NewGrant = "Ask the master for a new grant: POST /v1/grant/create.";

    /// <summary>
    /// Unknown, another master's, and revoked already: all alike, so that nobody learns of others' grants.
    /// </summary>
    public static readonly RefusalCode UnknownGrant = Refused.BadRequest(
        "unknown_grant",
        "Send the grant_id of one of the grants that GET /v1/grant/list names and that is not revoked.");

    public static readonly RefusalCode TooManyGrants = Refused.BadRequest(
        "too_many_grants", "Revoke grants that are no longer needed: POST /v1/grant/revoke.");

    public static readonly RefusalCode GrantRequired = Refused.Forbidden(
        "grant_required",
        "Get a grant for the signing address and service (POST /v1/grant/create); sign the mint with intent.service.");

    public static readonly RefusalCode GrantRevoked = Refused.Forbidden("grant_revoked", NewGrant);
    public static readonly RefusalCode GrantExpired = Refused.Forbidden("grant_expired", NewGrant);
    public static readonly RefusalCode GrantExhausted = Refused.Forbidden("grant_exhausted", NewGrant);

    public static readonly RefusalCode UnknownPath = Refused.BadRequest(
        "unknown_path", "Send the derivation_path of one of the policies that GET /v1/grant/path-policies names.");

    public static readonly RefusalCode PathSuspended = Refused.Forbidden(
        "path_suspended", "Ask the master to resume the agent: POST /v1/grant/path-policies/resume.");

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        UnknownGrant, TooManyGrants, GrantRequired, GrantRevoked, GrantExpired, GrantExhausted, UnknownPath,
        PathSuspended,
    ];
}
