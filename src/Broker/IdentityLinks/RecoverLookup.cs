using System.Text.Json.Serialization;
using Broker.Http;
using Broker.Refusals;

namespace Broker.IdentityLinks;

/// <summary>Answer of <c>POST /v1/wallet/recover/lookup</c> (contract §2.15).</summary>
/// <param name="IsProven">Whether the identity itself was proven; null where it is not linked.</param>
internal sealed record LookupAnswer(
    [property: JsonPropertyName("linked")] bool IsLinked,
    [property: JsonPropertyName("omni_account"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? Omni,
    [property: JsonPropertyName("proven"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? IsProven,
    [property: JsonPropertyName("next_step")] string NextStep);

/// <summary>
/// <c>POST /v1/wallet/recover/lookup</c>: which master an identity is linked to, for whoever has lost the rest. Nothing
/// is given: recovery needs a grant of that master. Limited by client address, so that nobody reads out all identities.
/// </summary>
internal static class RecoverLookup
{
    private const string Linked =
        "Have the master OmniAccount sign POST /v1/grant/create for the new device's address; the link alone gives "
        + "nothing.";

    private const string Unlinked =
        "Identity not linked to any master. Sign in with it, and link it from the master's session: "
        + "POST /v1/identity/link.";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/wallet/recover/lookup", HandleAsync)
        .WithName("recoverLookup")
        .WithSummary("Which master an identity is linked to")
        .Accepts<NamedIdentity>("application/json")
        .Produces<LookupAnswer>()
        .ProducesRefusals(400, 413, 415, 429, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, LookupLimit limit, IIdentityLinkStore links, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, LinkIdentity.Kind, LinkIdentity.RequestedRole);
        var read = await RequestJson.ReadAsync(http.Request, LinksJson.Default.NamedIdentity, stop);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);
        var identity = LinkableIdentity.Parse(read.Value.Type, read.Value.Value);
        if (identity.Refusal is { } invalid) return await attempt.RefuseAsync(invalid);
        if (limit.Take(ClientAddress.Of(http)) is { } tooOften) return await attempt.RefuseAsync(tooOften);

        return TypedResults.Ok(links.Find(identity.Value) is { } link
            ? new LookupAnswer(true, link.Omni.ToString(), link.IsProven, Linked)
            : new LookupAnswer(false, null, null, Unlinked));
    }
}

/// <summary>How many look-ups one client address may make in an hour.</summary>
internal sealed class LookupLimit(LinkOptions options, TimeProvider time) : RequestLimit(
    options.LookupsPerHour, RateWindows.Hour, LinkRefusals.LookupRateLimited,
    "too many look-ups from this address in this hour", time);
