using System.Text.Json.Serialization;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Grants;
using Broker.Http;
using Broker.Identity;
using Broker.Ledger.Writing;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.Agents;

/// <summary>Body of <c>POST /v1/agent/create</c>.</summary>
internal sealed record CreateAgentRequest(
    [property: JsonPropertyName("label"), JsonRequired] string Label,
    [property: JsonPropertyName("requested_scope")] string Scope = "memory");

/// <summary>Answer of <c>POST /v1/agent/create</c> (contract §2.16, the early variant).</summary>
internal sealed record CreateAgentAnswer(
    [property: JsonPropertyName("link_code")] string LinkCode,
    [property: JsonPropertyName("child_omni")] string Child,
    [property: JsonPropertyName("operator_omni")] string Operator,
    [property: JsonPropertyName("expires_at")] long ExpiresAt);

/// <summary>
/// <c>POST /v1/agent/create</c>: the pairing the other way round. The master makes a code, good once and for ten
/// minutes; whoever brings it to a device, with <c>POST /v1/auth/link-code/redeem</c>, makes the device the agent.
/// </summary>
internal static class CreateAgent
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/agent/create", HandleAsync)
        .WithName("createAgent")
        .WithSummary("A code that makes a device an agent")
        .TakesBearer()
        .Accepts<CreateAgentRequest>("application/json")
        .Produces<CreateAgentAnswer>()
        .ProducesRefusals(400, 401, 403, 413, 415, 429, 500, 502, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, Callers callers, ChangeLimit limit, ILinkCodeStore codes,
        IPathPolicyStore policies, ReleaseLedger ledger, TimeProvider time, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, AgentPairing.Kind, AgentPairing.RequestedRole);
        var asked = await callers.ReadMasterAsync(attempt, AgentsJson.Default.CreateAgentRequest, stop);
        if (asked.Refusal is { } refused) return await attempt.RefuseAsync(refused);
        var (caller, read) = asked.Value;
        var place = ClaimPairing.PlaceOf(caller, read.Label, read.Scope);
        if (place.Refusal is { } invalid) return await attempt.RefuseAsync(invalid);
        if (limit.Take(caller) is { } tooOften) return await attempt.RefuseAsync(tooOften);

        // On record, then good.
        var now = time.GetUtcNow();
        await ledger.AppendAsync(
            AgentPairing.Of("a link code was made", LedgerOutcome.Ok, place.Value, null, caller,
                attempt.RequestId, now),
            CancellationToken.None);
        policies.Ensure(ClaimPairing.PolicyOf(place.Value, now));
        var code = RequestPairing.NewSecret(18);
        var until = now + AgentPairing.Lifetime;
        codes.Add(Sha256Digest.Of(code), place.Value, until);
        return TypedResults.Ok(new CreateAgentAnswer(
            code, place.Value.Child.ToString(), place.Value.Operator.ToString(), until.ToUnixTimeSeconds()));
    }
}
