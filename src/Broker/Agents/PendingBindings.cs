using System.Text.Json.Serialization;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.Agents;

/// <summary>A claimed device that waits for its master's word.</summary>
internal sealed record PendingBinding(
    [property: JsonPropertyName("request_id")] string RequestId,
    [property: JsonPropertyName("child_omni")] string Child,
    [property: JsonPropertyName("operator_omni")] string Operator,
    [property: JsonPropertyName("label")] string Label,
    [property: JsonPropertyName("requested_scope")] string Scope,
    [property: JsonPropertyName("device_pubkey")] string DevicePubkey,
    [property: JsonPropertyName("pop_sig")] string PopSignature,
    [property: JsonPropertyName("device_key_hash")] string DeviceKeyHash)
{
    public static PendingBinding Of(Pairing pairing) => new(
        pairing.RequestId, pairing.Place!.Child.ToString(), pairing.Place.Operator.ToString(), pairing.Place.Label,
        pairing.Place.Scope, pairing.Device.Address.ToString(), pairing.PopSignature, pairing.Device.Hash);
}

/// <summary>Answer of <c>GET /v1/agent/pending-bindings</c>.</summary>
internal sealed record PendingBindingsAnswer(
    [property: JsonPropertyName("pending")] IReadOnlyList<PendingBinding> Pending);

/// <summary>Body of <c>POST …/ack</c> and <c>…/decline</c>.</summary>
internal sealed record BindingRequest([property: JsonPropertyName("request_id"), JsonRequired] string RequestId);

/// <summary>Answer of <c>POST …/ack</c> and <c>…/decline</c>.</summary>
internal sealed record BindingAnswer(
    [property: JsonPropertyName("request_id")] string RequestId,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("at")] long At);

/// <summary>
/// <c>GET /v1/agent/pending-bindings</c> lists the devices that a master has claimed and not decided on;
/// <c>POST …/ack</c> says that one is bound (on the chain, where there is one), <c>POST …/decline</c> that it is not
/// wanted: it gets no session, and one that it has fetched ends.
/// </summary>
internal static class PendingBindings
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        const string Route = "/v1/agent/pending-bindings";
        routes.MapGet(Route, ListAsync)
            .WithName("listPendingBindings").WithSummary("Claimed devices that wait for the master's word")
            .TakesBearer().Produces<PendingBindingsAnswer>().ProducesRefusals(401, 403, 502, 503);
        routes.MapPost($"{Route}/ack", AckAsync)
            .WithName("ackBinding").WithSummary("A claimed device is bound").TakesBearer()
            .Accepts<BindingRequest>("application/json").Produces<BindingAnswer>()
            .ProducesRefusals(400, 401, 403, 413, 415, 429, 500, 502, 503);
        routes.MapPost($"{Route}/decline", DeclineAsync)
            .WithName("declineBinding").WithSummary("A claimed device is not wanted").TakesBearer()
            .Accepts<BindingRequest>("application/json").Produces<BindingAnswer>()
            .ProducesRefusals(400, 401, 403, 413, 415, 429, 500, 502, 503);
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, Attempts attempts, Callers callers, IPairingStore pairings)
    {
        var attempt = attempts.Begin(http, AgentPairing.Kind, AgentPairing.RequestedRole);
        var caller = await callers.AuthenticateMasterAsync(attempt);
        if (caller.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);
        return TypedResults.Ok(new PendingBindingsAnswer(
            [.. pairings.Pending(caller.Value.Actor).Select(PendingBinding.Of)]));
    }

    private static async Task<IResult> AckAsync(
        HttpContext http, Attempts attempts, Callers callers, IPairingStore pairings, ReleaseLedger ledger,
        TimeProvider time, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, AgentPairing.Kind, AgentPairing.RequestedRole);
        var asked = await ReadAsync(attempt, callers, stop);
        if (asked.Refusal is { } refusal) return await attempt.RefuseAsync(refusal);
        var (caller, id) = asked.Value;
        var bound = await ConfirmAsync(attempt, caller, id, pairings, ledger, time);
        return bound.Refusal is { } wrong ? await attempt.RefuseAsync(wrong) : TypedResults.Ok(bound.Value);
    }

    /// <summary>Whatever confirms a device comes here: the route, and the broker's own page.</summary>
    public static async ValueTask<Result<BindingAnswer>> ConfirmAsync(
        Attempt attempt, VerifiedCaller caller, string id, IPairingStore pairings, ReleaseLedger ledger,
        TimeProvider time)
    {
        // On record, then bound: a claim that nobody acknowledged on record stays pending.
        var now = time.GetUtcNow();
        var pending = pairings.Pending(caller.Actor).FirstOrDefault(one => one.RequestId == id);
        if (pending is null) return Unknown();
        await ledger.AppendAsync(
            EntryOf("bound", LedgerOutcome.Ok, pending, caller, attempt, now), CancellationToken.None);
        pairings.Bind(caller.Actor, id, now);
        return new BindingAnswer(id, "bound", now.ToUnixTimeSeconds());
    }

    private static async Task<IResult> DeclineAsync(
        HttpContext http, Attempts attempts, Callers callers, IPairingStore pairings, RevokeSession revoke,
        ReleaseLedger ledger, TimeProvider time, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, AgentPairing.Kind, AgentPairing.RequestedRole);
        var asked = await ReadAsync(attempt, callers, stop);
        if (asked.Refusal is { } refusal) return await attempt.RefuseAsync(refusal);
        var (caller, id) = asked.Value;
        var declined = await RejectAsync(attempt, caller, id, pairings, revoke, ledger, time);
        return declined.Refusal is { } wrong ? await attempt.RefuseAsync(wrong) : TypedResults.Ok(declined.Value);
    }

    /// <summary>Whatever declines a device comes here: the route, and the broker's own page.</summary>
    public static async ValueTask<Result<BindingAnswer>> RejectAsync(
        Attempt attempt, VerifiedCaller caller, string id, IPairingStore pairings, RevokeSession revoke,
        ReleaseLedger ledger, TimeProvider time)
    {
        // Declined first: a ledger that cannot write must not give a device its session.
        var now = time.GetUtcNow();
        if (pairings.Decline(caller.Actor, id, now) is not { } declined) return Unknown();
        if (declined.Session is { } session)
        {
            var fetched = IssueAgentSession.IdentityOf(declined.Place!, declined.Device);
            await revoke.RunAsync(
                new VerifiedSession(session.TokenId, fetched, session.ValidUntil), caller.BearerHash,
                attempt.RequestId, "the agent's master");
        }

        await ledger.AppendAsync(
            EntryOf("declined", LedgerOutcome.Denied, declined, caller, attempt, now), CancellationToken.None);
        pairings.ConfirmDecline(id);
        return new BindingAnswer(id, "declined", now.ToUnixTimeSeconds());
    }

    private static async ValueTask<Result<(VerifiedCaller Caller, string RequestId)>> ReadAsync(
        Attempt attempt, Callers callers, CancellationToken stop)
    {
        var caller = await callers.AuthenticateMasterAsync(attempt);
        if (caller.Refusal is { } unknown) return unknown;
        var read = await RequestJson.ReadAsync(attempt.Request, AgentsJson.Default.BindingRequest, stop);
        if (read.Refusal is { } unreadable) return unreadable;
        return (caller.Value, read.Value.RequestId);
    }

    private static LedgerEntry EntryOf(
        string what, LedgerOutcome outcome, Pairing pairing, VerifiedCaller caller, Attempt attempt,
        DateTimeOffset now) =>
        AgentPairing.Of(what, outcome, pairing.Place!, pairing.Device, caller, attempt.RequestId, now);

    private static Refusal Unknown() =>
        new(AgentRefusals.UnknownBinding, "there is no such pairing of yours that waits for a word");
}
