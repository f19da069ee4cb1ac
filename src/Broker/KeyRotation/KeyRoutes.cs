using System.Text.Json.Serialization;
using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Receipts;
using Broker.Refusals;
using Broker.SigningKeys;

namespace Broker.KeyRotation;

/// <summary>Body of a change of keys.</summary>
/// <param name="Reason">Why, for the ledger; 1 to 200 printable characters.</param>
internal sealed record KeyChangeBody([property: JsonPropertyName("reason"), JsonRequired] string Reason);

/// <summary>A key as the operator sees it. Times are Unix seconds.</summary>
/// <param name="KeyId">The RFC 7638 thumbprint; of a ledger key its 32 public bytes in hex.</param>
/// <param name="State"><c>announced</c>, <c>signing</c>, <c>retiring</c>, <c>retired</c> or <c>withdrawn</c>.</param>
/// <param name="AnnouncedAt">0 for a key that was there before the first rotation.</param>
/// <param name="EndsAt">When it leaves by itself; null while no other key is to sign.</param>
internal sealed record ShownKey(
    [property: JsonPropertyName("purpose")] string Purpose,
    [property: JsonPropertyName("version")] int Version,
    [property: JsonPropertyName("key_id")] string KeyId,
    [property: JsonPropertyName("state")] string State,
    [property: JsonPropertyName("announced_at")] long AnnouncedAt,
    [property: JsonPropertyName("signs_at")] long SignsAt,
    [property: JsonPropertyName("ends_at")] long? EndsAt,
    [property: JsonPropertyName("withdrawn_at")] long? WithdrawnAt);

/// <summary>Answer of <c>GET /v1/keys</c>.</summary>
/// <param name="SessionKeys">Public halves of the accepted session keys in PEM, the signing one first.</param>
internal sealed record ShownKeys(
    [property: JsonPropertyName("keys")] IReadOnlyList<ShownKey> Keys,
    [property: JsonPropertyName("session_keys_pem")] string SessionKeys);

/// <summary>Answer of <c>GET /ledger/successions</c>.</summary>
/// <param name="VerifierKey">The one to publish now.</param>
/// <param name="Successions">Signed notes, the oldest first.</param>
internal sealed record LedgerSuccessions(
    [property: JsonPropertyName("vkey")] string VerifierKey,
    [property: JsonPropertyName("successions")] IReadOnlyList<string> Successions);

/// <summary>
/// The operator's way to the signing keys: <c>GET /v1/keys</c>, <c>POST /v1/keys/{purpose}/rotate</c>,
/// <c>…/emergency-rotate</c> and <c>…/{version}/retire</c>, with the token of <c>BROKER_OPERATOR_TOKEN_FILE</c>. And
/// for anyone <c>GET /ledger/successions</c>, the notes by which the ledger's keys vouch for one another.
/// </summary>
internal static class KeyRoutes
{
    private const int LongestReason = 200;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/keys", ListAsync).WithName("listKeys")
            .WithSummary("The signing keys and how they stand; for the operator").TakesBearer()
            .Produces<ShownKeys>().ProducesRefusals(401, 502, 503);
        routes.MapPost("/v1/keys/{purpose}/rotate", RotateAsync).WithName("rotateKey")
            .WithSummary("Announces the next key, which signs a day later; for the operator").TakesBearer()
            .Accepts<KeyChangeBody>("application/json")
            .Produces<ShownKey>().ProducesRefusals(400, 401, 404, 409, 413, 415, 500, 502, 503);
        routes.MapPost("/v1/keys/{purpose}/emergency-rotate", ReplaceAsync).WithName("replaceKey")
            .WithSummary("Lets another key sign at once and withdraws the present one; for the operator").TakesBearer()
            .Accepts<KeyChangeBody>("application/json")
            .Produces<ShownKey>().ProducesRefusals(400, 401, 404, 409, 413, 415, 500, 502, 503);
        routes.MapPost("/v1/keys/{purpose}/{version}/retire", RetireAsync).WithName("retireKey")
            .WithSummary("Withdraws a key that does not sign; for the operator").TakesBearer()
            .Accepts<KeyChangeBody>("application/json")
            .Produces<ShownKey>().ProducesRefusals(400, 401, 404, 409, 413, 415, 502, 503);
        routes.MapGet("/ledger/successions", (Ledger.Writing.ReleaseLedger ledger, LedgerKeys keys) =>
                TypedResults.Json(
                    new LedgerSuccessions($"{ledger.VerifierKey}", keys.Successions),
                    RotationJson.Default.LedgerSuccessions))
            .WithName("ledgerSuccessions").WithSummary("Notes by which the ledger's keys vouch for those that follow")
            .Produces<LedgerSuccessions>();
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, Attempts attempts, OperatorToken token, KeyLines lines, SessionKeys sessions,
        TimeProvider time)
    {
        var attempt = attempts.Begin(http, RotationEntries.Announcement, RotationEntries.RequestedRole);
        if (Check(attempt, token) is { } stranger) return await attempt.RefuseAsync(stranger);
        var shown = new ShownKeys([.. lines.All.SelectMany(Show)], sessions.ExportPublicKeysPem());
        return TypedResults.Json(shown, RotationJson.Default.ShownKeys);
    }

    private static Task<IResult> RotateAsync(
        string purpose, HttpContext http, Attempts attempts, OperatorToken token, KeyLines lines, RotateKeys rotate,
        CancellationToken stop) =>
        ChangeAsync(
            http, attempts, token, lines, reason => rotate.AnnounceAsync(purpose, reason, http.RequestId()), stop);

    private static Task<IResult> ReplaceAsync(
        string purpose, HttpContext http, Attempts attempts, OperatorToken token, KeyLines lines, RotateKeys rotate,
        CancellationToken stop) =>
        ChangeAsync(
            http, attempts, token, lines, reason => rotate.ReplaceAsync(purpose, reason, http.RequestId()), stop);

    private static Task<IResult> RetireAsync(
        string purpose, string version, HttpContext http, Attempts attempts, OperatorToken token, KeyLines lines,
        RotateKeys rotate, CancellationToken stop) =>
        ChangeAsync(
            http, attempts, token, lines,
            // What is no number is no version.
            reason => rotate.RetireAsync(
                purpose, DecimalDigits.TryRead(version, out var number) && number < int.MaxValue ? (int)number : 0,
                reason, http.RequestId()),
            stop);

    private static async Task<IResult> ChangeAsync(
        HttpContext http, Attempts attempts, OperatorToken token, KeyLines lines,
        Func<string, Task<Result<KeyVersion>>> change, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, RotationEntries.Announcement, RotationEntries.RequestedRole);
        if (Check(attempt, token) is { } stranger) return await attempt.RefuseAsync(stranger);
        var read = await RequestJson.ReadAsync(http.Request, RotationJson.Default.KeyChangeBody, stop);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);
        var reason = read.Value.Reason;
        if (reason.Length is 0 or > LongestReason || reason.AsSpan().ContainsAnyInRange('\0', '\u001f'))
        {
            return await attempt.RefuseAsync(new Refusal(
                HttpRefusals.InvalidField, $"reason must be 1 to {LongestReason} printable characters"));
        }

        var changed = await change(reason);
        if (changed.Refusal is { } refusal) return await attempt.RefuseAsync(refusal);
        var line = lines.Find(changed.Value.Purpose)!;
        return TypedResults.Json(
            Show(line).First(one => one.Version == changed.Value.Version), RotationJson.Default.ShownKey);
    }

    private static Refusal? Check(Attempt attempt, OperatorToken token)
    {
        var bearer = BearerToken.Of(attempt.Request);
        if (bearer.Refusal is { } missing) return missing;
        attempt.Know(bearer.Value);
        return token.Is(bearer.Value)
            ? null
            : new Refusal(RotationRefusals.NotOperator, "the bearer is not the operator's");
    }

    private static IEnumerable<ShownKey> Show(IKeyLine line)
    {
        var (plan, versions) = line.Read();
        if (versions.Count == 0)
        {
            yield return new ShownKey(line.Purpose, 1, line.IdOf(1), "signing", 0, 0, null, null);
            yield break;
        }

        foreach (var one in versions)
        {
            yield return new ShownKey(
                one.Purpose, one.Version, one.KeyId, plan.States[one.Version].ToString().ToLowerInvariant(),
                one.AnnouncedAt.ToUnixTimeSeconds(), one.SignsAt.ToUnixTimeSeconds(),
                KeySchedule.EndOf(one.Purpose, versions, one)?.ToUnixTimeSeconds(),
                one.WithdrawnAt?.ToUnixTimeSeconds());
        }
    }
}

[JsonSerializable(typeof(KeyChangeBody))]
[JsonSerializable(typeof(ShownKey))]
[JsonSerializable(typeof(ShownKeys))]
[JsonSerializable(typeof(LedgerSuccessions))]
[JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
internal sealed partial class RotationJson : JsonSerializerContext;
