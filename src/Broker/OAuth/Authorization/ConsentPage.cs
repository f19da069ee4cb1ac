using Broker.Foundation.Results;
using Broker.Http;
using Broker.Issuer;
using Broker.OAuth.Clients;
using Broker.OAuth.Delegations;
using Broker.OAuth.Protocol;
using Broker.Pages;
using Broker.People;
using Broker.Refusals;
using Broker.Sessions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Broker.OAuth.Authorization;

/// <summary>
/// <c>GET /oauth/consent</c>: who asks for what, and where the answer goes. <c>POST /oauth/consent</c> is the person's
/// word; the browser takes the answer to the client.
/// </summary>
internal static class ConsentPage
{
    public const string Path = "/oauth/consent";
    public const string RequestField = "request";

    public static void Map(IEndpointRouteBuilder routes, string prefix)
    {
        routes.MapGet(prefix + Path, ShowAsync)
            .WithSummary("The page on which a person lets a client act, or not")
            .TakesText(RequestField, "What waits.", 64)
            .Produces<string>(StatusCodes.Status200OK, "text/html").Produces(StatusCodes.Status303SeeOther)
            .TellsProblemsAsPages("account", 400, 401, 403, 503);
        routes.MapPost(prefix + Path, DecideAsync)
            .WithSummary("The person's word on a client, from the page")
            .TakesForm<Dictionary<string, string>>().Produces(StatusCodes.Status303SeeOther)
            .TellsProblemsAsPages("account", 400, 401, 403, 413, 500, 503);
    }

    private static async Task<IResult> ShowAsync(
        HttpContext http, SignedInOnly signedIn, Attempts attempts, Callers callers, Visits visits,
        PendingAuthorizations pending, OAuthClients clients, IssuerOptions issuer)
    {
        var id = http.Request.Query[RequestField].ToString();
        var attempt = attempts.Begin(http, DelegationChange.Kind, DelegationChange.RequestedRole);
        if (id.Length > 64 || pending.Find(id) is not { } asked
            || clients.Known(asked.Terms.ClientId) is not { } client)
            return await attempt.RefuseAsync(Nothing);

        // The id is ours, since something waits under it.
        var page = $"{Path[1..]}?{RequestField}={id}";
        if (asked.SignedInSince is { } since && visits.Session(http.Request) is { } session && session.Since < since)
            visits.Forget(http.Request);
        if (signedIn.Enter(http, page) is { } elsewhere) return elsewhere;
        var approver = Approver.Of(callers, attempt);
        if (approver.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);

        var scopes = asked.Terms.Scope.Split(' ');
        return new PageAnswer<Ask>(
            (nameof(Ask.Site), issuer.Authority),
            (nameof(Ask.FormToken), visits.FormToken(visits.Open(http))),
            (nameof(Ask.Person), approver.Value.Session.Identity.Value),
            (nameof(Ask.Client), client.Name),
            (nameof(Ask.ClientId), client.ClientId),
            (nameof(Ask.Destination), PlaceOf(asked.RedirectUri)),
            (nameof(Ask.Resource), asked.Terms.Resource),
            (nameof(Ask.IsTold), scopes.Contains(Scopes.OpenId)),
            (nameof(Ask.Stays), scopes.Contains(Scopes.OfflineAccess)),
            (nameof(Ask.Action), "consent"),
            (nameof(Ask.Field), (RequestField, id)))
        {
            // Browsers hold the way back to the client against the policy of the form.
            FormAction = $"'self' {PolicySource(asked.RedirectUri)}",
        };
    }

    private static async Task<IResult> DecideAsync(
        HttpContext http, Attempts attempts, Callers callers, Visits visits, PendingAuthorizations pending,
        GrantCode grant, IssuerOptions issuer, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, DelegationChange.Kind, DelegationChange.RequestedRole);
        var form = await PageForm.ReadAsync(http.Request, visits, stop);
        if (form.Refusal is { } forged) return await attempt.RefuseAsync(forged);
        visits.Enter(http);
        var approver = Approver.Of(callers, attempt);
        if (approver.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);

        var (id, decision) = (form.Value[RequestField], form.Value["decision"]);
        if (decision is not ("approve" or "deny"))
        {
            return await attempt.RefuseAsync(
                new Refusal(HttpRefusals.InvalidField, "decision must be approve or deny"));
        }

        if (id.Length > 64 || pending.Take(id) is not { } asked)
            return await attempt.RefuseAsync(Nothing);
        var place = new AnswerPlace(asked.RedirectUri, asked.State);
        if (decision == "deny")
        {
            await grant.DenyAsync(asked, approver.Value, attempt.RequestId);
            return new SendBack(
                place, issuer.Issuer, ("error", Errors.AccessDenied), ("error_description", "the person said no"));
        }

        return new SendBack(
            place, issuer.Issuer, ("code", await grant.RunAsync(asked, approver.Value, attempt.RequestId)));
    }

    private static Refusal Nothing { get; } = new(
        OAuthRefusals.InvalidRequest, "nothing waits for a word here: it was decided, or it was too long ago");

    private static string PlaceOf(string redirectUri) =>
        new Uri(redirectUri) is { Scheme: "https" or "http" } web ? web.Authority : new Uri(redirectUri).Scheme;

    /// <summary>Policies know no IPv6 addresses, so that such a place has its scheme for a name.</summary>
    private static string PolicySource(string redirectUri) =>
        new Uri(redirectUri) is { Scheme: "https" or "http", HostNameType: not UriHostNameType.IPv6 } web
            ? web.GetLeftPart(UriPartial.Authority)
            : $"{new Uri(redirectUri).Scheme}:";
}
