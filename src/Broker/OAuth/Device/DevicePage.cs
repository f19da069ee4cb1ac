using Broker.Foundation.Results;
using Broker.Http;
using Broker.Issuer;
using Broker.OAuth.Delegations;
using Broker.Pages;
using Broker.People;
using Broker.Refusals;
using Broker.Sessions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Broker.OAuth.Device;

/// <summary>
/// <c>GET /device</c>: where a person types the code of a device, sees who asks for what, and decides by
/// <c>POST /device/decision</c>. Who is not signed in does that first.
/// </summary>
internal static class DevicePage
{
    public const string Path = "/device";

    private const string CodeField = "user_code";

    public static void Map(IEndpointRouteBuilder routes, string prefix)
    {
        routes.MapGet(prefix + Path, ShowAsync)
            .WithSummary("The page on which a person lets a device in").TakesText(CodeField, "The device's code.", 32)
            .Produces<string>(StatusCodes.Status200OK, "text/html").Produces(StatusCodes.Status303SeeOther)
            .TellsProblemsAsPages("device", 400, 401, 403, 429, 503);
        routes.MapPost(prefix + Path + "/decision", DecideAsync)
            .WithSummary("The person's word on a device, from the page")
            .TakesForm<Dictionary<string, string>>().Produces<string>(StatusCodes.Status200OK, "text/html")
            .TellsProblemsAsPages("device", 400, 401, 403, 413, 429, 500, 503);
    }

    private static async Task<IResult> ShowAsync(
        HttpContext http, SignedInOnly signedIn, Attempts attempts, Callers callers, Visits visits,
        DecideDevice decide, IssuerOptions issuer)
    {
        var written = http.Request.Query[CodeField].ToString();
        var code = UserCode.Read(written);
        if (signedIn.Enter(http, code is null ? "device" : $"device?{CodeField}={code}") is { } elsewhere)
            return elsewhere;
        if (written.Length == 0) return new PageAnswer<EnterCode>((nameof(EnterCode.Site), issuer.Authority))
        {
            FormAction = "'self'",
        };

        var attempt = attempts.Begin(http, DelegationChange.Kind, DelegationChange.RequestedRole);
        var approver = Approver.Of(callers, attempt);
        if (approver.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);
        var look = decide.Look(http, approver.Value, written);
        if (look.Refusal is { } wrong) return await attempt.RefuseAsync(wrong);

        var (asked, client) = look.Value;
        var scopes = asked.Terms.Scope.Split(' ');
        return new PageAnswer<Ask>(
            (nameof(Ask.Site), issuer.Authority),
            (nameof(Ask.FormToken), visits.FormToken(visits.Open(http))),
            (nameof(Ask.Person), approver.Value.Session.Identity.Value),
            (nameof(Ask.Client), client.Name),
            (nameof(Ask.ClientId), client.ClientId),
            (nameof(Ask.Code), code),
            (nameof(Ask.Resource), asked.Terms.Resource),
            (nameof(Ask.IsTold), scopes.Contains(Scopes.OpenId)),
            (nameof(Ask.Stays), scopes.Contains(Scopes.OfflineAccess)),
            (nameof(Ask.Action), "device/decision"),
            (nameof(Ask.Field), (CodeField, code!)))
        {
            FormAction = "'self'",
        };
    }

    private static async Task<IResult> DecideAsync(
        HttpContext http, Attempts attempts, Callers callers, Visits visits, DecideDevice decide,
        IssuerOptions issuer, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, DelegationChange.Kind, DelegationChange.RequestedRole);
        var form = await PageForm.ReadAsync(http.Request, visits, stop);
        if (form.Refusal is { } forged) return await attempt.RefuseAsync(forged);
        visits.Enter(http);
        var approver = Approver.Of(callers, attempt);
        if (approver.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);

        var (code, decision) = (form.Value[CodeField], form.Value["decision"]);
        if (decision is not ("approve" or "deny"))
        {
            return await attempt.RefuseAsync(
                new Refusal(HttpRefusals.InvalidField, "decision must be approve or deny"));
        }

        var look = decide.Look(http, approver.Value, code);
        if (look.Refusal is { } wrong) return await attempt.RefuseAsync(wrong);
        if (await decide.RunAsync(http, attempt, approver.Value, code, decision == "approve") is { } refusal)
            return await attempt.RefuseAsync(refusal);
        return new PageAnswer<Decided>(
            (nameof(Decided.Site), issuer.Authority),
            (nameof(Decided.Client), look.Value.Client.Name),
            (nameof(Decided.IsApproved), decision == "approve"));
    }
}
