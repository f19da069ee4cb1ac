using System.Text.Json.Serialization;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Ledger;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.Agents;

/// <summary>Body of <c>POST /v1/agent/pairing/poll</c>.</summary>
internal sealed record PollPairingRequest(
    [property: JsonPropertyName("request_id"), JsonRequired] string RequestId,
    [property: JsonPropertyName("device_pubkey"), JsonRequired] string DevicePubkey,
    [property: JsonPropertyName("pop_sig"), JsonRequired] string PopSignature);

/// <summary>Answer of <c>POST /v1/agent/pairing/poll</c>; a pending one has its status alone.</summary>
internal sealed record PollPairingAnswer(
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("session_jwt"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? SessionToken = null,
    [property: JsonPropertyName("child_omni"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? Child = null,
    [property: JsonPropertyName("operator_omni"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? Operator = null,
    [property: JsonPropertyName("label"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? Label = null,
    [property: JsonPropertyName("derivation_path"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? DerivationPath = null,
    [property: JsonPropertyName("device_key_hash"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? DeviceKeyHash = null,
    [property: JsonPropertyName("expires_at"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    long? ExpiresAt = null,
    [property: JsonPropertyName("audit_record_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? AuditRecordId = null);

/// <summary>
/// <c>POST /v1/agent/pairing/poll</c>: the device asks whether a master has claimed it, and fetches its session, once,
/// within ten minutes of the claim. A fetch that the ledger does not hold signs nothing and can be tried again.
/// </summary>
internal static class PollPairing
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/agent/pairing/poll", HandleAsync)
        .WithName("pollPairing")
        .WithSummary("A device asks for its session")
        .Accepts<PollPairingRequest>("application/json")
        .Produces<PollPairingAnswer>()
        .ProducesRefusals(400, 401, 403, 413, 415, 429, 500, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, PairingLimit limit, IPairingStore pairings, IssueAgentSession issue,
        RevokeSession revoke, TimeProvider time, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole);
        var read = await RequestJson.ReadAsync(http.Request, AgentsJson.Default.PollPairingRequest, stop);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);
        if (limit.TakePoll(http) is { } tooOften) return await attempt.RefuseAsync(tooOften);
        var device = DeviceClaim.Check(read.Value.DevicePubkey, read.Value.PopSignature);
        if (device.Refusal is { } unproven) return await attempt.RefuseAsync(unproven);

        // Claimed by whom, and fetched already?
        var now = time.GetUtcNow();
        var pairing = pairings.Find(read.Value.RequestId, device.Value.Address);
        if (WhyNot(pairing, now) is { } no) return await attempt.RefuseAsync(no);
        if (!pairing!.IsConfirmed) return TypedResults.Ok(new PollPairingAnswer("pending"));
        if (!pairings.TakeMint(pairing.RequestId, now)) return await attempt.RefuseAsync(Fetched());

        IssuedSession issued;
        try
        {
            issued = await issue.RunAsync(pairing.Place!, pairing.Device, attempt.RequestId);
        }
        catch (LedgerUnavailableException)
        {
            pairings.ReturnMint(pairing.RequestId);
            throw;
        }

        // Declined in this very moment: the token stays here, and is ended.
        if (!pairings.KeepSession(pairing.RequestId, issued.RecordId, issued.ExpiresAt))
        {
            await revoke.RunAsync(
                new VerifiedSession(issued.RecordId, issued.Identity, issued.ExpiresAt), Sha256Digest.Of(issued.Token),
                attempt.RequestId, "the agent's master");
            return await attempt.RefuseAsync(Declined());
        }

        return TypedResults.Ok(new PollPairingAnswer(
            "claimed", issued.Token, pairing.Place!.Child.ToString(), pairing.Place.Operator.ToString(),
            pairing.Place.Label, pairing.Place.DerivationPath, pairing.Device.Hash,
            issued.ExpiresAt.ToUnixTimeSeconds(), issued.RecordId));
    }

    private static Refusal? WhyNot(Pairing? pairing, DateTimeOffset now) => pairing switch
    {
        null => new Refusal(AgentRefusals.UnknownPairing, "there is no such request of this device"),
        { DeclinedAt: not null } => Declined(),
        { MintedAt: not null } => Fetched(),
        _ when pairing.Until <= now => new Refusal(AgentRefusals.PairingExpired, "expired: the request is too old"),
        _ => null,
    };

    private static Refusal Declined() =>
        new(AgentRefusals.PairingDeclined, "the master has declined this device");

    private static Refusal Fetched() => new(AgentRefusals.PairingFetched, "the session was fetched before");
}
