using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Ledger.Refusals;
using Broker.Ledger.Writing;
using Broker.Refusals;

namespace Broker.Agents;

/// <summary>Body of <c>POST /v1/agent/pairing/request</c>.</summary>
internal sealed record RequestPairingRequest(
    [property: JsonPropertyName("device_pubkey"), JsonRequired] string DevicePubkey,
    [property: JsonPropertyName("pop_sig"), JsonRequired] string PopSignature);

/// <summary>Answer of <c>POST /v1/agent/pairing/request</c> (contract §2.16).</summary>
internal sealed record RequestPairingAnswer(
    [property: JsonPropertyName("request_id")] string RequestId,
    [property: JsonPropertyName("pairing_code")] string PairingCode,
    [property: JsonPropertyName("device_key_hash")] string DeviceKeyHash,
    [property: JsonPropertyName("expires_at")] long ExpiresAt);

/// <summary>
/// <c>POST /v1/agent/pairing/request</c>: a device that has proven its key asks for a master. It shows the code to the
/// person, and polls with the request id. Its earlier requests that nobody has claimed end.
/// </summary>
internal static class RequestPairing
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/agent/pairing/request", HandleAsync)
        .WithName("requestPairing")
        .WithSummary("A device asks for a master")
        .Accepts<RequestPairingRequest>("application/json")
        .Produces<RequestPairingAnswer>()
        .ProducesRefusals(400, 401, 413, 415, 429, 500, 503);

    /// <summary>Random bytes as base64url.</summary>
    public static string NewSecret(int bytes) => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(bytes));

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, PairingLimit limit, IPairingStore pairings, RefusalRecorder refusals,
        ReleaseLedger ledger, TimeProvider time, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, AgentPairing.Kind, AgentPairing.RequestedRole);

        // 1. Whose device?
        var read = await RequestJson.ReadAsync(http.Request, AgentsJson.Default.RequestPairingRequest, stop);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);
        if (limit.TakePairing(http) is { } tooOften) return await attempt.RefuseAsync(tooOften);
        var device = DeviceClaim.Check(read.Value.DevicePubkey, read.Value.PopSignature);
        if (device.Refusal is { } unproven) return await attempt.RefuseAsync(unproven);

        // 2. Nobody vouches for it yet, so its entry is within the budget of strangers.
        var source = RefusalSource.Of(ClientAddress.AddressOf(http));
        if (refusals.Take(source, AgentRefusals.PairingRateLimited.Text) is { } wait)
        {
            return new ErrorAnswer(new Refusal(AgentRefusals.PairingRateLimited, "too many requests in this minute")
            {
                RetryAfter = wait,
            });
        }

        // 3. On record, then open.
        var now = time.GetUtcNow();
        await ledger.AppendAsync(
            AgentPairing.Requested(device.Value, attempt.RequestId, now), CancellationToken.None);
        var code = NewSecret(18);
        var pairing = new Pairing(NewSecret(32), device.Value, read.Value.PopSignature, null)
        {
            Until = now + AgentPairing.Lifetime,
        };
        pairings.Open(pairing, Sha256Digest.Of(code), now);
        return TypedResults.Ok(new RequestPairingAnswer(
            pairing.RequestId, code, device.Value.Hash, pairing.Until.ToUnixTimeSeconds()));
    }
}
