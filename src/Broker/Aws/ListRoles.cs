using System.Text.Json.Serialization;
using Broker.Http;
using Broker.Refusals;
using Broker.Roles;
using Broker.Sessions;

namespace Broker.Aws;

/// <summary>Answer of <c>GET /v1/roles</c>: what the caller may do, by the release checks themselves.</summary>
/// <param name="MintsPerHour">Of all credentials together; null where there is no limit.</param>
/// <param name="MintsThisHour">Of these, used already.</param>
internal sealed record ListRolesAnswer(
    [property: JsonPropertyName("actor_omni")] string Actor,
    [property: JsonPropertyName("wallet"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Wallet,
    [property: JsonPropertyName("roles")] IReadOnlyList<RoleItem> Roles,
    [property: JsonPropertyName("mints_per_hour")] int? MintsPerHour,
    [property: JsonPropertyName("mints_this_hour")] long? MintsThisHour);

/// <summary>A role of the catalogue, and whether this caller would get it now.</summary>
/// <param name="Bucket">Null where none is configured.</param>
/// <param name="Prefixes">Of the bucket, where the session is narrowed to them; else empty.</param>
/// <param name="Via">The role that is assumed first.</param>
/// <param name="UsualSeconds">Lifetime where none is asked for.</param>
/// <param name="LongestSeconds">The longest that may be asked for.</param>
internal sealed record RoleItem(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("arn")] string Arn,
    [property: JsonPropertyName("is_default")] bool IsDefault,
    [property: JsonPropertyName("bucket")] string? Bucket,
    [property: JsonPropertyName("prefixes")] IReadOnlyList<string> Prefixes,
    [property: JsonPropertyName("region")] string Region,
    [property: JsonPropertyName("via")] string? Via,
    [property: JsonPropertyName("duration_seconds")] int UsualSeconds,
    [property: JsonPropertyName("max_duration_seconds")] int LongestSeconds,
    [property: JsonPropertyName("granted")] bool IsGranted,
    [property: JsonPropertyName("refusal")] RoleRefusal? Refusal);

/// <summary>Why the caller would not get a role.</summary>
internal sealed record RoleRefusal(
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("next_step")] string NextStep);

/// <summary><c>GET /v1/roles</c>: "what may I do?". Reads; releases and records nothing.</summary>
internal static class ListRoles
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/roles", HandleAsync)
        .WithName("listRoles")
        .WithSummary("The roles, lifetimes and limits of the caller")
        .TakesBearer()
        .Produces<ListRolesAnswer>()
        .ProducesRefusals(401, 429, 502, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, Callers callers, LiveRoles roles, RoleOffers offers)
    {
        var attempt = attempts.Begin(http, AwsCredentialRelease.Kind, RoleCatalogue.DefaultName);
        var caller = await callers.AuthenticateAsync(attempt);
        if (caller.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);
        return TypedResults.Ok(offers.Of(caller.Value, roles.Current, attempt.RequestId));
    }
}
