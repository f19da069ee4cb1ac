using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Http;
using Broker.LedgerHosting;
using Broker.Refusals;
using Broker.Releases;
using Broker.Sessions;

namespace Broker.Tokens;

/// <summary>
/// Body of <c>POST /v1/mint-oidc-jwt</c>; may be left out. The release checks judge role, lifetime and audience, so that
/// a dry run shows them.
/// </summary>
/// <param name="Role">Pins the token to one role of the catalogue, by name or ARN.</param>
/// <param name="LifetimeSeconds">60 to 3600.</param>
/// <param name="Audience">One of <c>BROKER_OIDC_AUDIENCES</c>; AWS STS where it is left out.</param>
/// <param name="Reason">What for, in 1 to 200 printable characters; it goes on record.</param>
internal sealed record MintOidcTokenRequest(
    [property: JsonPropertyName("role")] string? Role = null,
    [property: JsonPropertyName("ttl_seconds")] int? LifetimeSeconds = null,
    [property: JsonPropertyName("audience")] string? Audience = null,
    [property: JsonPropertyName("reason")] string? Reason = null);

/// <summary>The body with the signed form's members, as the OpenAPI document shows it.</summary>
internal sealed record MintOidcTokenBody(
    [property: JsonPropertyName("role")] string? Role,
    [property: JsonPropertyName("ttl_seconds")] int? LifetimeSeconds,
    [property: JsonPropertyName("audience")] string? Audience,
    [property: JsonPropertyName("reason")] string? Reason,
    [property: JsonPropertyName("request_id")] string? RequestId,
    [property: JsonPropertyName("issued_at")] string? IssuedAt,
    [property: JsonPropertyName("intent")] MintIntent? Intent,
    [property: JsonPropertyName("auth")] MintSignature? Auth);

/// <summary>Answer of <c>POST /v1/mint-oidc-jwt</c> (contract §2.6) with its receipt.</summary>
internal sealed record MintOidcTokenAnswer(
    [property: JsonPropertyName("jwt")] string Token,
    [property: JsonPropertyName("wallet")] string Wallet,
    [property: JsonPropertyName("expiration")] long Expiration,
    [property: JsonPropertyName("audit_record_id")] string AuditRecordId,
    [property: JsonPropertyName("anchored")] string[] Anchored,
    [property: JsonPropertyName("receipt"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? Receipt,
    [property: JsonPropertyName("entry"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Entry)
{
    /// <summary>Writes an answer of this shape, the token and the receipt straight from where they were made.</summary>
    public static void Write(Utf8JsonWriter json, IssuedToken issued, string[] anchored, ReceiptForm form)
    {
        json.WriteStartObject();
        json.WriteString("jwt"u8, issued.Token.Ascii);
        json.WriteString("wallet"u8, issued.Mint.Caller.WalletOrActor);
        json.WriteNumber("expiration"u8, issued.Mint.ExpiresAt.ToUnixTimeSeconds());
        json.WriteString("audit_record_id"u8, issued.Receipt.RecordId);
        json.WriteStartArray("anchored"u8);
        foreach (var anchor in anchored) json.WriteStringValue(anchor);
        json.WriteEndArray();
        if (form.Proof(issued.Receipt) is { } receipt) json.WriteString("receipt"u8, receipt);
        if (form.Entry(issued.Receipt) is { } entry) json.WriteString("entry"u8, entry);
        json.WriteEndObject();
    }
}

/// <summary>
/// <c>POST /v1/mint-oidc-jwt</c>: a token that AWS IAM, or another relying party, accepts, for the caller and nobody else. The answer
/// leaves after the ledger holds the release on disk; it carries the receipt.
/// </summary>
internal static class MintOidcToken
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/mint-oidc-jwt", HandleAsync)
        .WithName("mintOidcToken")
        .WithSummary("An OIDC token for AssumeRoleWithWebIdentity")
        .WithDescription(
            "Bearer: a session token, or a legacy bearer where a backend is configured.")
        .TakesBearer()
        .TakesReceiptForm()
        .TakesDryRun()
        .Accepts<MintOidcTokenBody>(isOptional: true, "application/json")
        .Produces<MintOidcTokenAnswer>()
        .ProducesRefusals(400, 401, 413, 415, 429, 500, 502, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, Callers callers, IssueOidcToken issue, AuditOptions audit,
        CancellationToken stop)
    {
        using var timed = issue.Time();
        var attempt = attempts.Begin(http, OidcTokenRelease.Kind, OidcTokenRelease.RequestedRole);

        // Who asks, and for what? Each refusal is recorded with what is known by then.
        var read = await MintCall<MintOidcTokenRequest>.ReadAsync(
            attempt, callers, TokensJson.Default.MintOidcTokenRequest, stop);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);
        using var call = read.Value;
        attempt.Name(null, issue.KeyIdFor(call.Wish.Audience));
        var request = new MintRequest(
            call.Caller,
            issue.Want(call.Wish.Role, call.Wish.LifetimeSeconds, call.Wish.Audience, call.Wish.Reason), call.Body,
            attempt.RequestId);
        if (call.IsDryRun) return JsonBytes.Answer(issue.Rehearse(request));

        // Approved by the list of checks, on record, then signed: in this order, by type.
        var issued = await issue.RunAsync(request);
        if (issued.Refusal is { } denied) return await attempt.RefuseAsync(denied);
        timed.Succeeded();
        var form = call.Form;
        return new WrittenAnswer(json => MintOidcTokenAnswer.Write(json, issued.Value, audit.Anchored, form));
    }
}
