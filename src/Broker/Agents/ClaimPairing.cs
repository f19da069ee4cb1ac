using System.Text.Json.Serialization;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Grants;
using Broker.Http;
using Broker.Identity;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.Agents;

/// <summary>Body of <c>POST /v1/agent/pairing/claim</c>.</summary>
internal sealed record ClaimPairingRequest(
    [property: JsonPropertyName("pairing_code"), JsonRequired] string PairingCode,
    [property: JsonPropertyName("label"), JsonRequired] string Label,
    [property: JsonPropertyName("requested_scope")] string Scope = "memory");

/// <summary>The path policy of an agent as a claim answers it.</summary>
internal sealed record ClaimedPath(
    [property: JsonPropertyName("derivation_path")] string DerivationPath,
    [property: JsonPropertyName("active")] bool IsActive,
    [property: JsonPropertyName("default")] string Default);

/// <summary>Answer of <c>POST /v1/agent/pairing/claim</c> (contract §2.16).</summary>
internal sealed record ClaimPairingAnswer(
    [property: JsonPropertyName("request_id")] string RequestId,
    [property: JsonPropertyName("child_omni")] string Child,
    [property: JsonPropertyName("operator_omni")] string Operator,
    [property: JsonPropertyName("label")] string Label,
    [property: JsonPropertyName("requested_scope")] string Scope,
    [property: JsonPropertyName("path_policy")] ClaimedPath Path,
    [property: JsonPropertyName("device_pubkey")] string DevicePubkey,
    [property: JsonPropertyName("pop_sig")] string PopSignature,
    [property: JsonPropertyName("device_key_hash")] string DeviceKeyHash);

/// <summary>
/// <c>POST /v1/agent/pairing/claim</c>: a master takes the device whose code it was shown. From the answer on the
/// device may fetch its session; a claim that the ledger does not hold leaves the code as it was.
/// </summary>
internal static class ClaimPairing
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/agent/pairing/claim", HandleAsync)
        .WithName("claimPairing")
        .WithSummary("A master takes a device as its agent")
        .TakesBearer()
        .Accepts<ClaimPairingRequest>("application/json")
        .Produces<ClaimPairingAnswer>()
        .ProducesRefusals(400, 401, 403, 413, 415, 429, 500, 502, 503);

    /// <summary>The master's own words, checked.</summary>
    public static Result<AgentPlace> PlaceOf(VerifiedCaller master, string label, string scope)
    {
        if (!AgentPlace.IsLabel(label))
            return new Refusal(HttpRefusals.InvalidField, "label must be 1 to 32 of a-z, 0-9 and -");
        return AgentPlace.IsScope(scope)
            ? new AgentPlace(master.Actor, label, scope)
            : new Refusal(HttpRefusals.InvalidField, "requested_scope must be at most 256 printable characters");
    }

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, Callers callers, ChangeLimit limit, IPairingStore pairings,
        IPathPolicyStore policies, ReleaseLedger ledger, TimeProvider time, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, AgentPairing.Kind, AgentPairing.RequestedRole);
        var asked = await callers.ReadMasterAsync(attempt, AgentsJson.Default.ClaimPairingRequest, stop);
        if (asked.Refusal is { } refused) return await attempt.RefuseAsync(refused);
        var (caller, read) = asked.Value;
        var claimed = await RunAsync(attempt, caller, read, limit, pairings, policies, ledger, time);
        return claimed.Refusal is { } refusal ? await attempt.RefuseAsync(refusal) : TypedResults.Ok(claimed.Value);
    }

    /// <summary>Whatever claims a device comes here: the route, and the broker's own page.</summary>
    public static async ValueTask<Result<ClaimPairingAnswer>> RunAsync(
        Attempt attempt, VerifiedCaller caller, ClaimPairingRequest wanted, ChangeLimit limit, IPairingStore pairings,
        IPathPolicyStore policies, ReleaseLedger ledger, TimeProvider time)
    {
        var place = PlaceOf(caller, wanted.Label, wanted.Scope);
        if (place.Refusal is { } invalid) return invalid;
        if (limit.Take(caller) is { } tooOften) return tooOften;

        // 1. The code, once.
        var now = time.GetUtcNow();
        var code = Sha256Digest.Of(wanted.PairingCode);
        if (pairings.Claim(code, place.Value, now, now + AgentPairing.Lifetime) is not { } claimed)
        {
            return new Refusal(
                AgentRefusals.UnknownPairingCode, "the pairing code is unknown, used or too old");
        }

        // 2. On record; until then the device gets nothing.
        try
        {
            await ledger.AppendAsync(
                AgentPairing.Of("claimed by its master", LedgerOutcome.Ok, place.Value, claimed.Device, caller,
                    attempt.RequestId, now),
                CancellationToken.None);
        }
        catch (LedgerUnavailableException)
        {
            pairings.Unclaim(claimed.RequestId, now + AgentPairing.Lifetime);
            throw;
        }

        // 3. It has a policy, and may fetch its session.
        var policy = policies.Ensure(PolicyOf(place.Value, now));
        pairings.Confirm(claimed.RequestId);
        return AnswerOf(claimed, place.Value, policy);
    }

    public static PathPolicy PolicyOf(AgentPlace place, DateTimeOffset now) =>
        new(place.Operator, place.Child, place.DerivationPath, IsActive: true, place.Scope, now);

    private static ClaimPairingAnswer AnswerOf(Pairing claimed, AgentPlace place, PathPolicy policy) => new(
        claimed.RequestId, place.Child.ToString(), place.Operator.ToString(), place.Label, place.Scope,
        new ClaimedPath(place.DerivationPath, policy.IsActive, "deny"), claimed.Device.Address.ToString(), claimed.PopSignature,
        claimed.Device.Hash);
}
