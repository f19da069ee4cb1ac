using System.Text.Json.Serialization;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Refusals;
using Broker.Sessions;
using Microsoft.AspNetCore.Mvc;
using static System.Text.Json.Serialization.JsonIgnoreCondition;

namespace Broker.SignIn.Staged;

/// <summary>
/// Answer of a poll (contract §2.11, §2.12): <c>pending</c> alone; <c>failed</c> with a reason; <c>verified</c> with
/// the session.
/// </summary>
internal sealed record PollAnswer(
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("reason"), JsonIgnore(Condition = WhenWritingNull)] string? Reason = null,
    [property: JsonPropertyName("session_jwt"), JsonIgnore(Condition = WhenWritingNull)] string? SessionToken = null,
    [property: JsonPropertyName("session_jwt_kid"), JsonIgnore(Condition = WhenWritingNull)] string? KeyId = null,
    [property: JsonPropertyName("expires_at"), JsonIgnore(Condition = WhenWritingNull)] long? ExpiresAt = null,
    [property: JsonPropertyName("omni_account"), JsonIgnore(Condition = WhenWritingNull)] string? OmniAccount = null,
    [property: JsonPropertyName("identity_type"), JsonIgnore(Condition = WhenWritingNull)] string? IdentityType = null,
    [property: JsonPropertyName("identity_value"), JsonIgnore(Condition = WhenWritingNull)]
    string? IdentityValue = null,
    [property: JsonPropertyName("audit_record_id"), JsonIgnore(Condition = WhenWritingNull)]
    string? AuditRecordId = null)
{
    public static PollAnswer Of(IssuedSession issued) => new(
        "verified", null, issued.Token, issued.KeyId, issued.ExpiresAt.ToUnixTimeSeconds(),
        issued.Identity.Omni.ToString(), issued.Identity.Type, issued.Identity.Value, issued.RecordId);
}

/// <summary>
/// <c>GET …/status/{request_id}</c>: how far a sign-in is, for whoever holds its request id. Polling does not consume
/// the result; <see cref="StagedSessions"/> says what repeated polls get.
/// </summary>
internal static class PollSignIn
{
    /// <summary>The reason of a sign-in that nobody finished, or whose result nobody fetched, in time.</summary>
    public const string Expired = "expired";

    private const int LongestRequestId = 128;

    /// <param name="path">Ends in <c>{request_id}</c>.</param>
    /// <param name="method">Whose sign-ins are polled there.</param>
    /// <param name="name">The route's name in the OpenAPI document.</param>
    public static void Map(IEndpointRouteBuilder routes, string path, string method, string name) => routes.MapGet(
            path,
            (HttpContext http, [FromRoute(Name = "request_id")] string requestId, Attempts attempts,
                IStagedSignIns signIns, StagedSessions sessions, TimeProvider time) => HandleAsync(
                    http, requestId, method, attempts, signIns, sessions, time))
        .WithName(name)
        .WithSummary("How far a sign-in is: pending, failed, or verified with its session token")
        .Produces<PollAnswer>()
        .ProducesRefusals(400, 500, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, string requestId, string method, Attempts attempts, IStagedSignIns signIns,
        StagedSessions sessions, TimeProvider time)
    {
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        var attempt = attempts.Begin(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole);
        var found = requestId.Length <= LongestRequestId ? signIns.Find(method, Sha256Digest.Of(requestId)) : null;
        if (found is not { } state)
        {
            return await attempt.RefuseAsync(
                new Refusal(StagedRefusals.UnknownRequest, "unknown request_id: no sign-in has it, or it is past"));
        }

        if (state.Result?.Failure is { } reason) return TypedResults.Ok(new PollAnswer("failed", reason));
        if (state.ExpiresAt <= time.GetUtcNow()) return TypedResults.Ok(new PollAnswer("failed", Expired));
        if (state.Result?.Identity is not { } proven) return TypedResults.Ok(new PollAnswer("pending"));

        // On record, then signed; once.
        var issued = await sessions.GetAsync(state, proven, method, attempt.RequestId);
        attempt.Know(issued.Identity.Omni);
        return TypedResults.Ok(PollAnswer.Of(issued));
    }
}
