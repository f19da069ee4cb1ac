using System.Text.Json.Serialization;
using Broker.Http;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.Grants;

/// <summary>A grant as its master sees it.</summary>
internal sealed record ListedGrant(
    [property: JsonPropertyName("grant_id")] string GrantId,
    [property: JsonPropertyName("master_omni_account")] string Master,
    [property: JsonPropertyName("daemon_address")] string Daemon,
    [property: JsonPropertyName("service")] string Service,
    [property: JsonPropertyName("scope_path")] string ScopePath,
    [property: JsonPropertyName("granted_at")] long GrantedAt,
    [property: JsonPropertyName("expires_at")] long ExpiresAt,
    [property: JsonPropertyName("max_uses")] int MaxUses,
    [property: JsonPropertyName("used_count")] int UsedCount,
    [property: JsonPropertyName("revoked_at")] long? RevokedAt,
    [property: JsonPropertyName("audit_proof")] string AuditProof)
{
    public static ListedGrant Of(Grant grant) => new(
        grant.Id, grant.Terms.Master.ToString(), grant.Terms.Daemon, grant.Terms.Service, grant.Terms.ScopePath,
        grant.GrantedAt.ToUnixTimeSeconds(), grant.Terms.ExpiresAt.ToUnixTimeSeconds(), grant.Terms.MaxUses,
        grant.UsedCount, grant.RevokedAt?.ToUnixTimeSeconds(), grant.AuditProof);
}

/// <summary>Answer of <c>GET /v1/grant/list</c>.</summary>
internal sealed record ListGrantsAnswer([property: JsonPropertyName("grants")] IReadOnlyList<ListedGrant> Grants);

/// <summary><c>GET /v1/grant/list</c>: the caller's own grants, ended ones too, the newest first.</summary>
internal static class ListGrants
{
    /// <summary>Older ones are left out.</summary>
    private const int Most = 2000;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/grant/list", HandleAsync)
        .WithName("listGrants")
        .WithSummary("The caller's own grants, the newest first")
        .TakesBearer()
        .Produces<ListGrantsAnswer>()
        .ProducesRefusals(401, 403, 502, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, Callers callers, IGrantStore grants)
    {
        var attempt = attempts.Begin(http, GrantRelease.Kind, GrantRelease.RequestedRole);
        var caller = await callers.AuthenticateMasterAsync(attempt);
        if (caller.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);
        return TypedResults.Ok(new ListGrantsAnswer(
            [.. grants.List(caller.Value.Actor, Most).Select(ListedGrant.Of)]));
    }
}
