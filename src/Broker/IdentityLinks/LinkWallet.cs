using System.Text.Json.Serialization;
using Broker.Http;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.IdentityLinks;

/// <summary>Body of <c>POST /v1/wallet/link</c> and <c>…/recover/lookup</c> (contract §2.15).</summary>
internal sealed record NamedIdentity(
    [property: JsonPropertyName("identity_type"), JsonRequired] string Type,
    [property: JsonPropertyName("identity_value"), JsonRequired] string Value);

/// <summary>A link as its actor sees it.</summary>
/// <param name="IsProven">False for a claim.</param>
internal sealed record ListedLink(
    [property: JsonPropertyName("omni_account")] string Omni,
    [property: JsonPropertyName("identity_type")] string Type,
    [property: JsonPropertyName("identity_value")] string Value,
    [property: JsonPropertyName("linked_at")] long LinkedAt,
    [property: JsonPropertyName("proven")] bool IsProven)
{
    public static ListedLink Of(IdentityLink link) => new(
        link.Omni.ToString(), link.Identity.Type, link.Identity.Value, link.LinkedAt.ToUnixTimeSeconds(),
        link.IsProven);
}

/// <summary>Answer of <c>GET /v1/wallet/links</c>.</summary>
internal sealed record LinksAnswer([property: JsonPropertyName("links")] IReadOnlyList<ListedLink> Links);

/// <summary>
/// <c>POST /v1/wallet/link</c>: the caller claims an identity, by name alone. It is found by a recovery look-up and
/// good for nothing else; whoever proves the identity takes the claim's place. <c>GET /v1/wallet/links</c> lists claims
/// and proven links.
/// </summary>
internal static class LinkWallet
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/wallet/link", LinkAsync)
            .WithName("linkWallet").WithSummary("Claim an identity, for recovery").TakesBearer()
            .Accepts<NamedIdentity>("application/json").Produces<ListedLink>()
            .ProducesRefusals(400, 401, 403, 413, 415, 429, 500, 502, 503);
        routes.MapGet("/v1/wallet/links", ListAsync)
            .WithName("listLinks").WithSummary("The identities that are linked to the caller").TakesBearer()
            .Produces<LinksAnswer>().ProducesRefusals(401, 403, 502, 503);
    }

    private static async Task<IResult> LinkAsync(
        HttpContext http, Attempts attempts, Callers callers, LinkIdentity link, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, LinkIdentity.Kind, LinkIdentity.RequestedRole);
        var asked = await callers.ReadMasterAsync(attempt, LinksJson.Default.NamedIdentity, stop);
        if (asked.Refusal is { } refused) return await attempt.RefuseAsync(refused);
        var (caller, read) = asked.Value;
        var identity = LinkableIdentity.Parse(read.Type, read.Value);
        if (identity.Refusal is { } invalid) return await attempt.RefuseAsync(invalid);

        var linked = await link.LinkAsync(caller, identity.Value, isProven: false, attempt);
        return linked.Refusal is { } denied
            ? await attempt.RefuseAsync(denied)
            : TypedResults.Ok(ListedLink.Of(linked.Value));
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, Attempts attempts, Callers callers, IIdentityLinkStore links)
    {
        var attempt = attempts.Begin(http, LinkIdentity.Kind, LinkIdentity.RequestedRole);
        var caller = await callers.AuthenticateMasterAsync(attempt);
        if (caller.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);
        return TypedResults.Ok(new LinksAnswer([.. links.List(caller.Value.Actor).Select(ListedLink.Of)]));
    }
}
