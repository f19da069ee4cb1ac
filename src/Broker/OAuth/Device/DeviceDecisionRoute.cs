using System.Text.Json.Serialization;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.OAuth.Delegations;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.OAuth.Device;

/// <summary>Body of <c>POST /v1/auth/device/decision</c>.</summary>
/// <param name="Decision"><c>approve</c> or <c>deny</c>.</param>
internal sealed record DeviceDecisionRequest(
    [property: JsonPropertyName("user_code"), JsonRequired] string UserCode,
    [property: JsonPropertyName("decision"), JsonRequired] string Decision);

/// <summary>The answer of <c>POST /v1/auth/device/decision</c>.</summary>
/// <param name="Status"><c>approved</c> or <c>denied</c>.</param>
internal sealed record DeviceDecisionAnswer(
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("client_id")] string ClientId,
    [property: JsonPropertyName("scope")] string Scope);

/// <summary>
/// <c>POST /v1/auth/device/decision</c>: whoever is signed in lets a device have a session of theirs, or does not; once
/// and for good.
/// </summary>
internal static class DeviceDecisionRoute
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/auth/device/decision", HandleAsync)
        .WithName("decideDevice")
        .WithSummary("Let a device have a session of the caller's, or not")
        .TakesBearer()
        .Accepts<DeviceDecisionRequest>("application/json")
        .Produces<DeviceDecisionAnswer>()
        .ProducesRefusals(400, 401, 403, 413, 415, 429, 500, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, Callers callers, DecideDevice decide, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, DelegationChange.Kind, DelegationChange.RequestedRole);
        var approver = Approver.Of(callers, attempt);
        if (approver.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);
        var read = await RequestJson.ReadAsync(http.Request, DeviceJson.Default.DeviceDecisionRequest, stop);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);
        if (read.Value.Decision is not ("approve" or "deny"))
        {
            return await attempt.RefuseAsync(
                new Refusal(HttpRefusals.InvalidField, "decision must be approve or deny"));
        }

        var isApproved = read.Value.Decision == "approve";
        var asked = decide.Look(http, approver.Value, read.Value.UserCode);
        if (asked.Refusal is { } wrong) return await attempt.RefuseAsync(wrong);
        return await decide.RunAsync(http, attempt, approver.Value, read.Value.UserCode, isApproved) is { } refusal
            ? await attempt.RefuseAsync(refusal)
            : TypedResults.Ok(new DeviceDecisionAnswer(
                isApproved ? "approved" : "denied", asked.Value.Asked.Terms.ClientId, asked.Value.Asked.Terms.Scope));
    }
}

[JsonSerializable(typeof(DeviceDecisionRequest))]
[JsonSerializable(typeof(DeviceDecisionAnswer))]
internal sealed partial class DeviceJson : JsonSerializerContext;
