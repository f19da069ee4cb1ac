using Broker.Foundation.Results;
using Broker.Http;
using Broker.Issuer;
using Broker.OAuth.Delegations;
using Broker.OAuth.Protocol;
using Broker.People;
using Broker.Refusals;

namespace Broker.OAuth.Authorization;

/// <summary>
/// <c>GET /oauth/authorize</c> (RFC 6749 §3.1): a client sends a person here. What it asks for waits on the page on
/// which the person decides.
/// </summary>
internal static class AuthorizeRoute
{
    public const string Path = "/oauth/authorize";

    public static void Map(IEndpointRouteBuilder routes, string prefix) => routes.MapGet(prefix + Path, HandleAsync)
        .WithSummary("Where a client sends a person who is to let it act (RFC 6749)")
        .TakesText("client_id", "The client.", 2048).TakesText("redirect_uri", "Where the answer goes.", 2048)
        .TakesText("response_type", "code", 16).TakesText("code_challenge", "PKCE (RFC 7636).", 43)
        .TakesText("code_challenge_method", "S256", 4).TakesText("state", "Given back.", 1024)
        .TakesText("scope", "openid, offline_access", 128).TakesText("resource", "RFC 8707.", 512)
        .Produces(StatusCodes.Status303SeeOther).TellsProblemsAsPages("", 400, 429, 500, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, ReadAuthorizationRequest read, PendingAuthorizations pending,
        IssuerOptions issuer)
    {
        var (request, error) = await read.ReadAsync(http.Request.Query);
        if (request is not null)
            return new SeeOther($"{ConsentPage.Path[1..]}?{ConsentPage.RequestField}={pending.Keep(request)}");
        if (error!.Place is { } place)
        {
            return new SendBack(
                place, issuer.Issuer, ("error", error.Error), ("error_description", error.Description));
        }

        var attempt = attempts.Begin(http, DelegationChange.Kind, DelegationChange.RequestedRole);
        return await attempt.RefuseAsync(new Refusal(OAuthRefusals.InvalidRequest, error.Description));
    }
}
