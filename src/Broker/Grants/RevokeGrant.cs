using System.Text.Json.Serialization;
using Broker.Foundation.Results;
using Broker.Http;
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
        var caller = await callers.AuthenticateMasterAsync(attempt);
        if (caller.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);
        var read = await RequestJson.ReadAsync(http.Request, GrantsJson.Default.RevokeGrantRequest, stop);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);

        // Revoked first: a ledger that cannot write must not keep a grant alive.
        var now = time.GetUtcNow();
        if (grants.Revoke(caller.Value.Actor, read.Value.GrantId, now) is not { } grant)
        {
            return await attempt.RefuseAsync(new Refusal(
                GrantRefusals.UnknownGrant, "there is no such grant of yours that could be revoked"));
        }

        var record = RecordId.New(now);
        await ledger.AppendAsync(
            GrantRelease.RevocationOf(grant, record, caller.Value, attempt.RequestId, now), CancellationToken.None);
        grants.KeepRevocation(grant.Id, record);
        return TypedResults.Ok(new RevokeGrantAnswer(
            grant.Id, grant.RevokedAt!.Value.ToUnixTimeSeconds(), grant.UsedCount, record.ToString()));
    }
}
