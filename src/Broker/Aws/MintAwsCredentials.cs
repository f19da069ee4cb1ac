using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Aws.Idempotency;
using Broker.Http;
using Broker.LedgerHosting;
using Broker.Refusals;
using Broker.Releases;
using Broker.Roles;
using Broker.Sessions;

namespace Broker.Aws;

/// <summary>
/// Body of <c>POST /v1/mint-aws-creds</c>; may be left out. The signed form has further members, see <see
/// cref="SignedMint"/> and <see cref="MintAwsCredentialsBody"/>. The release checks judge role and lifetime, so that a
/// dry run shows them.
/// </summary>
/// <param name="Role">A role of the catalogue, by name or ARN; <c>data</c> when left out.</param>
/// <param name="LifetimeSeconds">900 to 43200; the role itself may allow less.</param>
/// <param name="Reason">What for, in 1 to 200 printable characters; it goes on record.</param>
internal sealed record MintAwsCredentialsRequest(
    [property: JsonPropertyName("role")] string? Role = null,
    [property: JsonPropertyName("duration_seconds")] int? LifetimeSeconds = null,
    [property: JsonPropertyName("reason")] string? Reason = null);

/// <summary>The body with the signed form's members, as the OpenAPI document shows it.</summary>
internal sealed record MintAwsCredentialsBody(
    [property: JsonPropertyName("role")] string? Role,
    [property: JsonPropertyName("duration_seconds")] int? LifetimeSeconds,
    [property: JsonPropertyName("reason")] string? Reason,
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
    [property: JsonPropertyName("entry"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Entry)
{
    public static MintAwsCredentialsAnswer Of(IssuedCredentials issued, string[] anchored, ReceiptForm form) => new(
        issued.Credentials.AccessKeyId, issued.Credentials.SecretAccessKey, issued.Credentials.SessionToken,
        issued.Credentials.Expiration.ToUnixTimeSeconds(), issued.Session.Mint.Caller.WalletOrActor,
        issued.Session.Role.Arn.Text, issued.Receipt.RecordId, anchored, form.Proof(issued.Receipt),
        form.Entry(issued.Receipt));
}

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
        HttpContext http, Attempts attempts, Callers callers, IdempotentAnswers answers, IssueAwsCredentials issue,
        AuditOptions audit, CancellationToken stop)
    {
        using var timed = issue.Time();
        var attempt = attempts.Begin(http, AwsCredentialRelease.Kind, RoleCatalogue.DefaultName);

        // Who asks, and for what? Each refusal is recorded with what is known by then.
        var read = await MintCall<MintAwsCredentialsRequest>.ReadAsync(
            attempt, callers, AwsJson.Default.MintAwsCredentialsRequest, stop);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);
        using var call = read.Value;
        var request = new MintRequest(
            call.Caller, issue.Want(call.Wish.Role, call.Wish.LifetimeSeconds, call.Wish.Reason), call.Body,
            attempt.RequestId);
        if (call.IsDryRun)
        {
            var key = answers.Look(http.Request, call.Bearer, call.Body);
            return JsonBytes.Answer(issue.Rehearse(request, key));
        }

        // Answered before? Then the same answer again, and the ledger says so first.
        var begun = answers.Begin(http.Request, call.Bearer, call.Body);
        if (begun.Refusal is { } taken) return await attempt.RefuseAsync(taken);
        using var once = begun.Value;
        if (once.Answer is { } earlier)
        {
            var again = await issue.RepeatAsync(earlier, call.Caller, attempt.RequestId);
            timed.Succeeded();
            return JsonBytes.Answer(again);
        }

        // Approved by the list of checks, given by STS, on record, then answered: in this order, by type.
        var issued = await issue.RunAsync(request, attempt.Name);
        if (issued.Refusal is { } denied) return await attempt.RefuseAsync(denied);
        var answer = JsonSerializer.SerializeToUtf8Bytes(
            MintAwsCredentialsAnswer.Of(issued.Value, audit.Anchored, call.Form),
            AwsJson.Default.MintAwsCredentialsAnswer);
        once.Complete(answer);
        timed.Succeeded();
        return JsonBytes.Answer(answer);
    }
}
