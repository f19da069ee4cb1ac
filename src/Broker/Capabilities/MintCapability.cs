using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Http;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.Capabilities;

/// <summary>Answer of <c>POST /v1/cap/…</c> as the OpenAPI document shows it.</summary>
internal sealed record CapabilityAnswer(
    [property: JsonPropertyName("payload")] CapabilityPayload Payload,
    [property: JsonPropertyName("broker_sig")] string Signature,
    [property: JsonPropertyName("client_sig")] string? ClientSignature,
    [property: JsonPropertyName("client_nonce")] string? ClientNonce,
    [property: JsonPropertyName("client_ts")] long? ClientTime,
    [property: JsonPropertyName("audit_record_id")] string AuditRecordId);

/// <summary>
/// The error body of these routes as the OpenAPI document shows it; <see cref="CapabilityErrorShape"/> writes it.
/// </summary>
internal sealed record CapabilityErrorBody(
    [property: JsonPropertyName("error")] string Error,
    [property: JsonPropertyName("reason")] string Reason,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("next_step")] string NextStep,
    [property: JsonPropertyName("request_id")] string RequestId);

/// <summary>
/// <c>POST /v1/cap/…</c>: a capability that lets a worker do one thing for an actor, for minutes. It is on record
/// before it leaves. The client's proof goes with it as it came, for workers that check it too.
/// </summary>
internal static class MintCapability
{
    private static readonly int[] Statuses = [400, 401, 403, 413, 415, 429, 500, 502, 503];

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var route in CapabilityRoute.All)
        {
            var described = routes.MapPost($"/v1/cap/{route.Name}", (
                    HttpContext http, Attempts attempts, Callers callers, IssueCapability issue,
                    CancellationToken stop) => HandleAsync(route, http, attempts, callers, issue, stop))
                .WithName($"capability-{route.Name}")
                .WithSummary(route.Summary)
                .WithMetadata(CapabilityErrorShape.Instance)
                .TakesBearer()
                .Accepts<CapabilityBody>("application/json")
                .Produces<CapabilityAnswer>();
            foreach (var status in Statuses) described.Produces<CapabilityErrorBody>(status);
        }
    }

    private static async Task<IResult> HandleAsync(
        CapabilityRoute route, HttpContext http, Attempts attempts, Callers callers, IssueCapability issue,
        CancellationToken stop)
    {
        var attempt = attempts.Begin(http, CapabilityRelease.Kind, CapabilityRelease.RequestedRole);
        var caller = await callers.AuthenticateAsync(attempt);
        if (caller.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);
        var read = await RequestJson.ReadAsync(http.Request, CapabilitiesJson.Default.CapabilityBody, stop);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);
        var wish = CapabilityWish.Read(route, read.Value);
        if (wish.Refusal is { } invalid) return await attempt.RefuseAsync(invalid);

        // Checked, on record, then signed.
        var issued = await issue.RunAsync(wish.Value, caller.Value, attempt.RequestId);
        if (issued.Refusal is { } denied) return await attempt.RefuseAsync(denied);
        return new WrittenAnswer(json => Write(json, issued.Value, wish.Value.Proof));
    }

    private static void Write(Utf8JsonWriter json, IssuedCapability issued, CapabilityProof? proof)
    {
        json.WriteStartObject();
        json.WritePropertyName("payload"u8);
        json.WriteRawValue(issued.Signed.Payload.Span, skipInputValidation: true);
        json.WriteString("broker_sig"u8, Base64Url.EncodeToString(issued.Signed.Signature));
        if (proof is not null)
        {
            json.WriteString("client_sig"u8, proof.Signature);
            json.WriteString("client_nonce"u8, proof.Nonce);
            json.WriteNumber("client_ts"u8, proof.Time);
        }

        json.WriteString("audit_record_id"u8, issued.RecordId);
        json.WriteEndObject();
    }
}
