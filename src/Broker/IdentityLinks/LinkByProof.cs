using System.Text.Json.Serialization;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.IdentityLinks;

/// <summary>
/// Body of <c>POST /v1/identity/link</c>: a session token of the other identity, ten minutes old at most.
/// </summary>
internal sealed record LinkByProofRequest(
    [property: JsonPropertyName("identity_token"), JsonRequired] string IdentityToken);

/// <summary>
/// Body of <c>POST /v1/identity/unlink</c>: the same proof, or for a mere claim its two fields.
/// </summary>
internal sealed record UnlinkRequest(
    [property: JsonPropertyName("identity_token")] string? IdentityToken = null,
    [property: JsonPropertyName("identity_type")] string? Type = null,
    [property: JsonPropertyName("identity_value")] string? Value = null);

/// <summary>
/// <c>POST /v1/identity/link</c> and <c>/unlink</c>: with the bearer of the one and a fresh session token of the other
/// both identities are proven; see <see cref="SecondProof"/>.
/// </summary>
internal static class LinkByProof
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/identity/link", LinkAsync)
            .WithName("linkIdentity").WithSummary("Link another identity, with proof of both").TakesBearer()
            .Accepts<LinkByProofRequest>("application/json").Produces<ListedLink>()
            .ProducesRefusals(400, 401, 403, 413, 415, 429, 500, 502, 503);
        routes.MapPost("/v1/identity/unlink", UnlinkAsync)
            .WithName("unlinkIdentity").WithSummary("Unlink an identity, with proof of both").TakesBearer()
            .Accepts<UnlinkRequest>("application/json").Produces<ListedLink>()
            .ProducesRefusals(400, 401, 403, 413, 415, 429, 500, 502, 503);
    }

    private static async Task<IResult> LinkAsync(
        HttpContext http, Attempts attempts, Callers callers, SecondProof proof, LinkIdentity link,
        CancellationToken stop)
    {
        var attempt = attempts.Begin(http, LinkIdentity.Kind, LinkIdentity.RequestedRole);
        var asked = await callers.ReadMasterAsync(attempt, LinksJson.Default.LinkByProofRequest, stop);
        if (asked.Refusal is { } refused) return await attempt.RefuseAsync(refused);
        var (caller, read) = asked.Value;
        var identity = proof.Check(read.IdentityToken, caller);
        if (identity.Refusal is { } unproven) return await attempt.RefuseAsync(unproven);

        var linked = await link.LinkAsync(caller, identity.Value, isProven: true, attempt);
        return linked.Refusal is { } denied
            ? await attempt.RefuseAsync(denied)
            : TypedResults.Ok(ListedLink.Of(linked.Value));
    }

    private static async Task<IResult> UnlinkAsync(
        HttpContext http, Attempts attempts, Callers callers, SecondProof proof, LinkIdentity link,
        CancellationToken stop)
    {
        var attempt = attempts.Begin(http, LinkIdentity.Kind, LinkIdentity.RequestedRole);
        var asked = await callers.ReadMasterAsync(attempt, LinksJson.Default.UnlinkRequest, stop);
        if (asked.Refusal is { } refused) return await attempt.RefuseAsync(refused);
        var (caller, read) = asked.Value;
        var isProven = read.IdentityToken is not null;
        var identity = Meant(read, proof, caller);
        if (identity.Refusal is { } unproven) return await attempt.RefuseAsync(unproven);

        var unlinked = await link.UnlinkAsync(caller, identity.Value, isProven, attempt);
        return unlinked.Refusal is { } denied
            ? await attempt.RefuseAsync(denied)
            : TypedResults.Ok(ListedLink.Of(unlinked.Value));
    }

    private static Result<LinkableIdentity> Meant(UnlinkRequest request, SecondProof proof, VerifiedCaller caller) =>
        request switch
        {
            { IdentityToken: { } token, Type: null, Value: null } => proof.Check(token, caller),
            { IdentityToken: null, Type: { } type, Value: { } value } => LinkableIdentity.Parse(type, value),
            _ => new Refusal(
                HttpRefusals.InvalidField, "send either identity_token, or identity_type and identity_value"),
        };
}
