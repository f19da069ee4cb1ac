using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Capabilities;
using Broker.Cryptography;
using Broker.DataClasses;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Refusals;

namespace Broker.AuditService;

/// <summary>Body of <c>POST /v1/audit/append</c>.</summary>
/// <param name="Capability">Any that holds: it says who reports.</param>
/// <param name="OpKind">1 to 64 of a–z, 0–9 and <c>_ . : -</c>.</param>
/// <param name="Result"><c>ok</c>, <c>denied</c> or <c>failed</c>.</param>
/// <param name="Body">Details, of which the hash goes on record; null for none.</param>
internal sealed record AuditEventBody(
    [property: JsonPropertyName("cap"), JsonRequired] PresentedCapability Capability,
    [property: JsonPropertyName("op_kind"), JsonRequired] string OpKind,
    [property: JsonPropertyName("result"), JsonRequired] string Result,
    [property: JsonPropertyName("op_body")] JsonElement? Body = null);

/// <param name="BodyHash">
/// SHA-256 of <c>op_body</c> in RFC 8785 form, 64 hex digits; of <c>{}</c> where none came.
/// </param>
internal sealed record AuditEventAnswer(
    [property: JsonPropertyName("ok")] bool IsOk,
    [property: JsonPropertyName("body_hash")] string BodyHash,
    [property: JsonPropertyName("audit_record_id")] string AuditRecordId);

/// <summary>
/// <c>POST /v1/audit/append</c>: what the holder of a capability says that it did, on record when it is answered.
/// </summary>
internal static class AppendAuditEvent
{
    /// <summary>Where all routes of the service are, and nothing else.</summary>
    public const string Prefix = "/v1/audit/";

    private const int LongestOpKind = 64;

    private static readonly SearchValues<char> OpKindCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_.:-");

    private static readonly string[] Results = ["ok", "denied", "failed"];
    private static readonly int[] Statuses = [400, 403, 413, 415, 429, 500, 502, 503];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var route = routes.MapPost($"{Prefix}append", HandleAsync)
            .WithName("audit-append").WithSummary("Put on record what was done with a capability")
            .WithMetadata(DataErrorShape.Instance)
            .Accepts<AuditEventBody>("application/json").Produces<AuditEventAnswer>();
        foreach (var status in Statuses) route.Produces<CapabilityErrorBody>(status);
    }

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, CapabilityCheck check, ServiceBudget budget, RecordAuditEvent record,
        CancellationToken stop)
    {
        var attempt = attempts.Begin(http, AuditEvent.Kind, AuditEvent.RequestedRole);
        var read = await RequestJson.ReadAsync(http.Request, AuditServiceJson.Default.AuditEventBody, stop);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);
        var reported = EventOf(read.Value);
        if (reported.Refusal is { } invalid) return await attempt.RefuseAsync(invalid);
        var capability = await check.RunAsync(read.Value.Capability, op: null, dataClass: null);
        if (capability.Refusal is { } denied) return await attempt.RefuseAsync(denied);
        attempt.Know(capability.Value.Caller);
        if (budget.Take(capability.Value.Caller) is { } spent) return await attempt.RefuseAsync(spent);

        var id = await record.RunAsync(capability.Value, reported.Value, attempt.RequestId);
        return TypedResults.Json(
            new AuditEventAnswer(true, reported.Value.Body.ToString(), id), AuditServiceJson.Default.AuditEventAnswer);
    }

    private static Result<AuditEvent> EventOf(AuditEventBody body)
    {
        if (body.OpKind.Length is 0 or > LongestOpKind
            || body.OpKind.AsSpan().ContainsAnyExcept(OpKindCharacters))
            return Wrong($"op_kind must be 1 to {LongestOpKind} of a-z, 0-9, _ . : -");
        if (!Results.Contains(body.Result, StringComparer.Ordinal))
            return Wrong($"result must be one of {string.Join(", ", Results)}");
        using var none = JsonDocument.Parse("{}");
        var details = body.Body is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } given
            ? given
            : none.RootElement;
        if (details.ValueKind != JsonValueKind.Object) return Wrong("op_body must be an object");
        return Rfc8785.TryCanonicalize(details, out var canonical, out var fault)
            ? new AuditEvent(body.OpKind, body.Result, Sha256Digest.Of(canonical))
            : Wrong($"op_body has no canonical form (RFC 8785): {fault}");
    }

    private static Refusal Wrong(string why) => new(HttpRefusals.InvalidField, why);
}
