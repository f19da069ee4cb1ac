using System.Text.Json.Serialization;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.Grants;

/// <summary>Body of <c>POST /v1/grant/revoke</c>.</summary>
internal sealed record RevokeGrantRequest([property: JsonPropertyName("grant_id"), JsonRequired] string GrantId);

/// <summary>Answer of <c>POST /v1/grant/revoke</c>.</summary>
internal sealed record RevokeGrantAnswer(
    [property: JsonPropertyName("grant_id")] string GrantId,
    [property: JsonPropertyName("revoked_at")] long RevokedAt,
    [property: JsonPropertyName("used_count")] int UsedCount,
    [property: JsonPropertyName("audit_record_id")] string AuditRecordId);

/// <summary>
/// <c>POST /v1/grant/revoke</c>: from the first attempt on the grant is good for nothing; the answer comes when that is
/// on record. Where the ledger could not write, the same request records it later.
/// </summary>
internal static class RevokeGrant
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/grant/revoke", HandleAsync)
        .WithName("revokeGrant")
        .WithSummary("End a grant")
        .TakesBearer()
        .Accepts<RevokeGrantRequest>("application/json")
        .Produces<RevokeGrantAnswer>()
        .ProducesRefusals(400, 401, 403, 413, 415, 429, 500, 502, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, Callers callers, IGrantStore grants, ReleaseLedger ledger,
        TimeProvider time, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, GrantRelease.Kind, GrantRelease.RequestedRole);
        var asked = await callers.ReadMasterAsync(attempt, GrantsJson.Default.RevokeGrantRequest, stop);
        if (asked.Refusal is { } refused) return await attempt.RefuseAsync(refused);
        var (caller, read) = asked.Value;

        var revoked = await RunAsync(attempt, caller, read.GrantId, grants, ledger, time);
        return revoked.Refusal is { } refusal ? await attempt.RefuseAsync(refusal) : TypedResults.Ok(revoked.Value);
    }

    /// <summary>Whatever revokes a grant comes here: the route, and the broker's own page.</summary>
    public static async ValueTask<Result<RevokeGrantAnswer>> RunAsync(
        Attempt attempt, VerifiedCaller caller, string grantId, IGrantStore grants, ReleaseLedger ledger,
        TimeProvider time)
    {
        // Revoked first: a ledger that cannot write must not keep a grant alive.
        var now = time.GetUtcNow();
        if (grants.Revoke(caller.Actor, grantId, now) is not { } grant)
        {
            return new Refusal(
                GrantRefusals.UnknownGrant, "there is no such grant of yours that could be revoked");
        }

        var record = RecordId.New(now);
        await ledger.AppendAsync(
            GrantRelease.RevocationOf(grant, record, caller, attempt.RequestId, now), CancellationToken.None);
        grants.KeepRevocation(grant.Id, record);
        return new RevokeGrantAnswer(
            grant.Id, grant.RevokedAt!.Value.ToUnixTimeSeconds(), grant.UsedCount, record.ToString());
    }
}
