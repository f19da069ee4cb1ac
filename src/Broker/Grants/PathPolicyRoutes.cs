using System.Text.Json.Serialization;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.Grants;

/// <summary>Body of suspend and resume.</summary>
internal sealed record PathPolicyRequest(
    [property: JsonPropertyName("derivation_path"), JsonRequired] string DerivationPath);

/// <summary>Answer of suspend and resume.</summary>
internal sealed record PathPolicyAnswer(
    [property: JsonPropertyName("derivation_path")] string DerivationPath,
    [property: JsonPropertyName("active")] bool IsActive,
    [property: JsonPropertyName("updated_at")] long UpdatedAt,
    [property: JsonPropertyName("audit_record_id")] string AuditRecordId);

/// <summary>A policy as its master sees it.</summary>
internal sealed record ListedPathPolicy(
    [property: JsonPropertyName("child_omni")] string Child,
    [property: JsonPropertyName("derivation_path")] string DerivationPath,
    [property: JsonPropertyName("active")] bool IsActive,
    [property: JsonPropertyName("scope")] string Scope,
    [property: JsonPropertyName("updated_at")] long UpdatedAt);

/// <summary>Answer of <c>GET /v1/grant/path-policies</c>.</summary>
internal sealed record PathPolicyList(
    [property: JsonPropertyName("owner")] string Owner,
    [property: JsonPropertyName("default")] string Default,
    [property: JsonPropertyName("policies")] IReadOnlyList<ListedPathPolicy> Policies);

/// <summary>
/// <c>GET /v1/grant/path-policies</c> lists a master's agents; <c>POST …/suspend</c> and <c>…/resume</c> stop one and
/// let it go on. A suspended agent's session stays, and gets nothing.
/// </summary>
internal static class PathPolicyRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/grant/path-policies", ListAsync)
            .WithName("listPathPolicies").WithSummary("The caller's agents, and whether each may act").TakesBearer()
            .Produces<PathPolicyList>().ProducesRefusals(401, 403, 502, 503);
        MapChange(routes, "suspend", isActive: false, "Stop an agent");
        MapChange(routes, "resume", isActive: true, "Let a suspended agent go on");
    }

    private static void MapChange(IEndpointRouteBuilder routes, string verb, bool isActive, string summary) =>
        routes.MapPost($"/v1/grant/path-policies/{verb}", (
                HttpContext http, Attempts attempts, Callers callers, ChangeLimit limit, IPathPolicyStore policies,
                ReleaseLedger ledger, TimeProvider time, CancellationToken stop) =>
                SetAsync(isActive, http, attempts, callers, limit, policies, ledger, time, stop))
            .WithName($"{verb}Path").WithSummary(summary).TakesBearer()
            .Accepts<PathPolicyRequest>("application/json").Produces<PathPolicyAnswer>()
            .ProducesRefusals(400, 401, 403, 413, 415, 429, 500, 502, 503);

    private static async Task<IResult> ListAsync(
        HttpContext http, Attempts attempts, Callers callers, IPathPolicyStore policies)
    {
        var attempt = attempts.Begin(http, PathPolicyChange.Kind, PathPolicyChange.RequestedRole);
        var caller = await callers.AuthenticateMasterAsync(attempt);
        if (caller.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);
        return TypedResults.Ok(new PathPolicyList(
            caller.Value.Actor.ToString(), "deny",
            [
                .. policies.List(caller.Value.Actor).Select(policy => new ListedPathPolicy(
                    policy.Child.ToString(), policy.DerivationPath, policy.IsActive, policy.Scope,
                    policy.UpdatedAt.ToUnixTimeSeconds())),
            ]));
    }

    private static async Task<IResult> SetAsync(
        bool isActive, HttpContext http, Attempts attempts, Callers callers, ChangeLimit limit,
        IPathPolicyStore policies, ReleaseLedger ledger, TimeProvider time, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, PathPolicyChange.Kind, PathPolicyChange.RequestedRole);
        var asked = await callers.ReadMasterAsync(attempt, GrantsJson.Default.PathPolicyRequest, stop);
        if (asked.Refusal is { } refused) return await attempt.RefuseAsync(refused);
        var (caller, read) = asked.Value;
        var set = await RunAsync(
            isActive, attempt, caller, read.DerivationPath, limit, policies, ledger, time);
        return set.Refusal is { } refusal ? await attempt.RefuseAsync(refusal) : TypedResults.Ok(set.Value);
    }

    /// <summary>Whatever stops an agent or lets it go on comes here: the routes, and the broker's own page.</summary>
    public static async ValueTask<Result<PathPolicyAnswer>> RunAsync(
        bool isActive, Attempt attempt, VerifiedCaller caller, string derivationPath, ChangeLimit limit,
        IPathPolicyStore policies, ReleaseLedger ledger, TimeProvider time)
    {
        if (policies.Find(caller.Actor, derivationPath) is not { } before)
            return new Refusal(GrantRefusals.UnknownPath, "there is no agent of yours with this derivation_path");

        // Whatever stops an agent is never too often.
        var isStop = before.IsActive && !isActive;
        if (!isStop && limit.Take(caller) is { } tooOften) return tooOften;

        // The safer state comes first: suspended before it is on record, resumed after.
        var now = time.GetUtcNow();
        var after = before with { IsActive = isActive, UpdatedAt = now };
        if (!isActive) policies.Set(after.Master, after.DerivationPath, isActive, now);
        var record = RecordId.New(now);
        await ledger.AppendAsync(
            PathPolicyChange.EntryOf(after, record, caller, attempt.RequestId), CancellationToken.None);
        if (isActive) policies.Set(after.Master, after.DerivationPath, isActive, now);
        return new PathPolicyAnswer(after.DerivationPath, isActive, now.ToUnixTimeSeconds(), record.ToString());
    }
}
