using System.Text.Json.Serialization;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Ledger;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.Agents;

/// <summary>Body of <c>POST /v1/auth/link-code/redeem</c>.</summary>
internal sealed record RedeemLinkCodeRequest(
    [property: JsonPropertyName("link_code"), JsonRequired] string LinkCode,
    [property: JsonPropertyName("device_pubkey"), JsonRequired] string DevicePubkey,
    [property: JsonPropertyName("pop_sig"), JsonRequired] string PopSignature);

/// <summary>Answer of <c>POST /v1/auth/link-code/redeem</c>.</summary>
internal sealed record RedeemLinkCodeAnswer(
    [property: JsonPropertyName("session_jwt")] string SessionToken,
    [property: JsonPropertyName("child_omni")] string Child,
    [property: JsonPropertyName("operator_omni")] string Operator,
    [property: JsonPropertyName("expires_at")] long ExpiresAt,
    [property: JsonPropertyName("audit_record_id")] string AuditRecordId);

/// <summary>
/// <c>POST /v1/auth/link-code/redeem</c>: a device brings the code of its master and gets its session. The device's
/// proof is checked first, so a wrong one leaves the code as it was. The master then finds the device among its pending
/// bindings.
/// </summary>
internal static class RedeemLinkCode
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/auth/link-code/redeem", HandleAsync)
        .WithName("redeemLinkCode")
        .WithSummary("A device brings its master's code and gets its session")
        .Accepts<RedeemLinkCodeRequest>("application/json")
        .Produces<RedeemLinkCodeAnswer>()
        .ProducesRefusals(400, 401, 413, 415, 429, 500, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, PairingLimit limit, ILinkCodeStore codes, IPairingStore pairings,
        IssueAgentSession issue, TimeProvider time, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole);
        var read = await RequestJson.ReadAsync(http.Request, AgentsJson.Default.RedeemLinkCodeRequest, stop);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);
        if (limit.TakePairing(http) is { } tooOften) return await attempt.RefuseAsync(tooOften);
        var device = DeviceClaim.Check(read.Value.DevicePubkey, read.Value.PopSignature);
        if (device.Refusal is { } unproven) return await attempt.RefuseAsync(unproven);

        var now = time.GetUtcNow();
        var code = Sha256Digest.Of(read.Value.LinkCode);
        if (codes.Redeem(code, now) is not { } place)
        {
            return await attempt.RefuseAsync(new Refusal(
                AgentRefusals.UnknownLinkCode, "the link code is unknown, used or too old"));
        }

        // On record, then signed. Its policy is there since the code was made.
        IssuedSession issued;
        try
        {
            issued = await issue.RunAsync(place, device.Value, attempt.RequestId);
        }
        catch (LedgerUnavailableException)
        {
            codes.Return(code);
            throw;
        }

        pairings.AddClaimed(
            new Pairing(RequestPairing.NewSecret(32), device.Value, read.Value.PopSignature, place)
            {
                Session = (issued.RecordId, issued.ExpiresAt),
            },
            now);
        return TypedResults.Ok(new RedeemLinkCodeAnswer(
            issued.Token, place.Child.ToString(), place.Operator.ToString(), issued.ExpiresAt.ToUnixTimeSeconds(),
            issued.RecordId));
    }
}
