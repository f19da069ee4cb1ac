using System.Text.Json.Serialization;
using Broker.Configuration;
using Broker.Http;
using Broker.Ledger;
using Broker.Operations;
using Broker.Releases;
using Broker.Sessions;

namespace Broker.Tokens;

/// <summary>Body of <c>POST /v1/mint-oidc-jwt</c>; may be left out.</summary>
/// <param name="Role">Pins the token to one role of the catalogue, by name or ARN.</param>
/// <param name="LifetimeSeconds">60 to 3600.</param>
internal sealed record MintOidcTokenRequest(
    [property: JsonPropertyName("role")] string? Role = null,
    [property: JsonPropertyName("ttl_seconds")] int? LifetimeSeconds = null);

/// <summary>The body with the signed form's members, as the OpenAPI document shows it.</summary>
internal sealed record MintOidcTokenBody(
    [property: JsonPropertyName("role")] string? Role,
    [property: JsonPropertyName("ttl_seconds")] int? LifetimeSeconds,
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
    [property: JsonPropertyName("entry"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Entry);

/// <summary>
/// <c>POST /v1/mint-oidc-jwt</c>: an ES256 token that AWS IAM accepts, for the caller and nobody else. The answer
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
        HttpContext http, Callers callers, ReleasePolicy policy, ReleaseLedger ledger, OidcTokenSigner signer,
        RefusalRecords refusals, DryRun dryRun, BrokerMetrics metrics, BrokerOptions options, CancellationToken stop)
    {
        using var timed = metrics.TimeMint(MintKind.OidcToken);
        var asked = new RefusedRequest(LedgerKind.OidcToken, OidcTokenRelease.RequestedRole);

        // Whoever hangs up does not take what ends in the ledger off the record; time-outs bound each step.
        var always = CancellationToken.None;

        // 1. Who asks? A session token of ours, or a bearer that the legacy backend vouches for.
        var bearer = BearerToken.Of(http.Request);
        if (bearer.Refusal is { } missing) return await refusals.RefuseAsync(http, missing, asked);
        asked = asked with { BearerHash = bearer.Value.Hash };
        var caller = await callers.VerifyAsync(bearer.Value, always);
        if (caller.Refusal is { } unknown) return await refusals.RefuseAsync(http, unknown, asked);
        asked = asked with { Caller = caller.Value, SessionName = signer.KeyId };
        http.NoteActor(caller.Value.Actor);

        // 2. What do they want?
        var read = await RequestJson.ReadDocumentAsync(http.Request, stop, optional: true);
        if (read.Refusal is { } unreadable) return await refusals.RefuseAsync(http, unreadable, asked);
        using var body = read.Value;
        var wanted = RequestJson.As(body.RootElement, TokensJson.Default.MintOidcTokenRequest);
        if (wanted.Refusal is { } malformed) return await refusals.RefuseAsync(http, malformed, asked);
        var form = ReceiptForms.Of(http.Request);
        if (form.Refusal is { } noForm) return await refusals.RefuseAsync(http, noForm, asked);

        var rehearsed = DryRun.IsAsked(http.Request);
        if (rehearsed.Refusal is { } neither) return await refusals.RefuseAsync(http, neither, asked);

        // 3. May they? Signature, role, lifetime and rate, decided from data, each with its reason.
        var asks = new WantedMint(MintKind.OidcToken, wanted.Value.Role, wanted.Value.LifetimeSeconds);
        var request = new MintRequest(caller.Value, asks, body.RootElement, http.RequestId());
        if (rehearsed.Value) return dryRun.Answer(request, [], signer.WriteGrant);
        var mint = policy.Approve(request);
        if (mint.Refusal is { } denied) return await refusals.RefuseAsync(http, denied, asked);

        // 4. On record first: returns once the entry is durable; a ledger that cannot write answers 5xx and nothing
        // leaves.
        var recorded = await ledger.RecordAsync(new OidcTokenRelease(mint.Value, signer.KeyId), always);

        // 5. Only a recorded release can be signed, and only once.
        var token = signer.Sign(recorded);
        timed.Succeeded();
        return new JsonAnswer<MintOidcTokenAnswer>(
            new MintOidcTokenAnswer(
                token, mint.Value.Caller.WalletOrActor, mint.Value.ExpiresAt.ToUnixTimeSeconds(),
                recorded.Receipt.RecordId, options.Audit.Anchored, form.Value.Proof(recorded.Receipt),
                form.Value.Entry(recorded.Receipt)),
            TokensJson.Default.MintOidcTokenAnswer);
    }
}
