using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Aws.Idempotency;
using Broker.Configuration;
using Broker.Http;
using Broker.Ledger;
using Broker.Operations;
using Broker.Releases;
using Broker.Sessions;

namespace Broker.Aws;

/// <summary>
/// Body of <c>POST /v1/mint-aws-creds</c>; may be left out. The signed form has further members, see <see
/// cref="SignedMint"/> and <see cref="MintAwsCredentialsBody"/>.
/// </summary>
/// <param name="Role">A role of the catalogue, by name or ARN; <c>data</c> when left out.</param>
/// <param name="LifetimeSeconds">900 to 43200; the role itself may allow less.</param>
internal sealed record MintAwsCredentialsRequest(
    [property: JsonPropertyName("role")] string? Role = null,
    [property: JsonPropertyName("duration_seconds")] int? LifetimeSeconds = null);

/// <summary>The body with the signed form's members, as the OpenAPI document shows it.</summary>
internal sealed record MintAwsCredentialsBody(
    [property: JsonPropertyName("role")] string? Role,
    [property: JsonPropertyName("duration_seconds")] int? LifetimeSeconds,
    [property: JsonPropertyName("request_id")] string? RequestId,
    [property: JsonPropertyName("issued_at")] string? IssuedAt,
    [property: JsonPropertyName("intent")] MintIntent? Intent,
    [property: JsonPropertyName("auth")] MintSignature? Auth);

/// <summary>Answer of <c>POST /v1/mint-aws-creds</c>: flat (contract §2.7), with the receipt.</summary>
internal sealed record MintAwsCredentialsAnswer(
    [property: JsonPropertyName("access_key_id")] string AccessKeyId,
    [property: JsonPropertyName("secret_access_key")] string SecretAccessKey,
    [property: JsonPropertyName("session_token")] string SessionToken,
    [property: JsonPropertyName("expiration")] long Expiration,
    [property: JsonPropertyName("wallet")] string Wallet,
    [property: JsonPropertyName("role_arn")] string RoleArn,
    [property: JsonPropertyName("audit_record_id")] string AuditRecordId,
    [property: JsonPropertyName("anchored")] string[] Anchored,
    [property: JsonPropertyName("receipt"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? Receipt,
    [property: JsonPropertyName("entry"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Entry);

/// <summary>
/// <c>POST /v1/mint-aws-creds</c>: AWS credentials for one role, tagged with the caller's identity and narrowed to the
/// caller's own prefix. They are fetched from STS, recorded with their key id, and only then answered.
/// </summary>
internal static class MintAwsCredentials
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/mint-aws-creds", HandleAsync)
        .WithName("mintAwsCredentials")
        .WithSummary("AWS credentials for the caller's own prefix")
        .WithDescription(
            "The body may carry the wallet's own signature (request_id, issued_at, intent, auth).")
        .TakesBearer()
        .TakesReceiptForm()
        .TakesDryRun()
        .TakesHeader(
            IdempotentAnswers.Header, "Makes repeats within five minutes safe.", IdempotentAnswers.LongestKey)
        .Accepts<MintAwsCredentialsBody>(isOptional: true, "application/json")
        .Produces<MintAwsCredentialsAnswer>()
        .ProducesRefusals(400, 401, 403, 409, 413, 415, 422, 429, 500, 502, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Callers callers, ReleasePolicy policy, IdempotentAnswers answers, StsExchange sts,
        DryRun dryRun, AwsGrant grant, ReleaseLedger ledger, RefusalRecords refusals, BrokerMetrics metrics,
        BrokerOptions options, TimeProvider time, ILogger<AwsStsClient> log, CancellationToken stop)
    {
        using var timed = metrics.TimeMint(MintKind.AwsCredentials);
        var asked = new RefusedRequest(LedgerKind.AwsCredentials, RoleCatalogue.DefaultName);
        ValueTask<IResult> RefuseAsync(Refusal refusal) => refusals.RefuseAsync(http, refusal, asked);

        // Whoever hangs up does not take what ends in the ledger off the record; time-outs bound each step.
        var always = CancellationToken.None;

        // 1. Who asks? A session token of ours, or a bearer that the legacy backend vouches for.
        var bearer = BearerToken.Of(http.Request);
        if (bearer.Refusal is { } missing) return await RefuseAsync(missing);
        asked = asked with { BearerHash = bearer.Value.Hash };
        var caller = await callers.VerifyAsync(bearer.Value, always);
        if (caller.Refusal is { } unknown) return await RefuseAsync(unknown);
        asked = asked with { Caller = caller.Value };
        http.NoteActor(caller.Value.Actor);

        // 2. What do they want, and in which form?
        var read = await RequestJson.ReadDocumentAsync(http.Request, stop, optional: true);
        if (read.Refusal is { } unreadable) return await RefuseAsync(unreadable);
        using var body = read.Value;
        var request = RequestJson.As(body.RootElement, AwsJson.Default.MintAwsCredentialsRequest);
        if (request.Refusal is { } malformed) return await RefuseAsync(malformed);
        var wanted = new WantedMint(MintKind.AwsCredentials, request.Value.Role, request.Value.LifetimeSeconds);
        var form = ReceiptForms.Of(http.Request);
        if (form.Refusal is { } noForm) return await RefuseAsync(noForm);
        var rehearsed = DryRun.IsAsked(http.Request);
        if (rehearsed.Refusal is { } neither) return await RefuseAsync(neither);
        var mintRequest = new MintRequest(caller.Value, wanted, body.RootElement, http.RequestId());
        if (rehearsed.Value)
        {
            var key = answers.Look(http.Request, bearer.Value, body.RootElement);
            return key is (var replayed, true)
                ? DryRun.AnswerReplay(caller.Value, replayed)
                : dryRun.Answer(mintRequest, key is (var check, _) ? [check] : [], grant.Write);
        }

        // 3. Answered before? Then the same answer again, and the ledger says so first.
        var begun = answers.Begin(http.Request, bearer.Value, body.RootElement);
        if (begun.Refusal is { } taken)
        {
            metrics.CountIdempotencyConflict();
            return await RefuseAsync(taken);
        }

        using var once = begun.Value;
        if (once.Answer is { } earlier)
        {
            metrics.CountIdempotencyHit();
            var again = await ledger.RecordAsync(
                new ReplayedAnswer(earlier, caller.Value, http.RequestId(), time.GetUtcNow()), always);
            timed.Succeeded();
            return TypedResults.Bytes(again.Redeem().Body, "application/json; charset=utf-8");
        }

        // 4. May they? Signature, role, lifetime and rate, decided from data, each with its reason.
        var approved = policy.Approve(mintRequest);
        if (approved.Refusal is { } denied) return await RefuseAsync(denied);
        var mint = approved.Value;
        var session = new StsSession(mint, mint.Role!, SessionPolicy.For(mint, mint.Role!));
        asked = asked with { RequestedRole = session.Role.Arn.Text, SessionName = session.Name };

        // 5. STS gives the credentials; nobody has seen them yet.
        var fetched = await sts.FetchAsync(session, always);
        if (fetched.Refusal is { } failed)
        {
            AwsLog.StsFailed(log, http.RequestId(), failed.Detail);
            return await RefuseAsync(failed);
        }


        // 6. On record first, with the key id: a ledger that cannot write answers 5xx and the credentials are dropped.
        var recorded = await ledger.RecordAsync(new AwsCredentialRelease(session, fetched.Value, sts.Mode), always);

        // 7. Only a recorded release can be answered, and only once.
        var credentials = recorded.Redeem().Credentials;
        var answer = JsonSerializer.SerializeToUtf8Bytes(
            new MintAwsCredentialsAnswer(
                credentials.AccessKeyId, credentials.SecretAccessKey, credentials.SessionToken,
                credentials.Expiration.ToUnixTimeSeconds(), caller.Value.WalletOrActor, session.Role.Arn.Text,
                recorded.Receipt.RecordId, options.Audit.Anchored,
                form.Value.Proof(recorded.Receipt), form.Value.Entry(recorded.Receipt)),
            AwsJson.Default.MintAwsCredentialsAnswer);
        once.Complete(answer);
        timed.Succeeded();
        return TypedResults.Bytes(answer, "application/json; charset=utf-8");
    }
}
