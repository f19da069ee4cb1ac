using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Issuer;
using Broker.Pages;
using Broker.SignIn.Staged;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Broker.People;

/// <summary>
/// <c>GET /sign-in/wait</c>: where a browser waits while its person confirms, in the mailbox or at a provider.
/// <c>GET /sign-in/state</c> says how far that is, and changes nothing. <c>POST /sign-in/finish</c> signs the browser in
/// once it is confirmed. The request id stays in the broker.
/// </summary>
internal static class WaitingPage
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sign-in/wait", Show)
            .IsPage("signInWaitingPage", "The page on which a browser waits for a confirmation", "sign-in")
            .MaySendElsewhere();
        routes.MapGet("/sign-in/state", State)
            .WithName("signInState").WithSummary("How far this browser's sign-in is").Produces<WaitState>();
        routes.MapPost("/sign-in/finish", FinishAsync)
            .IsForm("finishSignInOnPage", "Signs this browser in once its person has confirmed", "sign-in");
    }

    private static IResult Show(HttpContext http, Visits visits, IssuerOptions issuer)
    {
        if (visits.Pending(http.Request) is not { } pending) return new SeeOther("sign-in");
        return new PageAnswer<Waiting>(
            (nameof(Waiting.Site), issuer.Authority),
            (nameof(Waiting.FormToken), visits.FormToken(visits.Open(http))),
            (nameof(Waiting.Place), pending.Where),
            (nameof(Waiting.Code), pending.CompareCode),
            (nameof(Waiting.ProviderAddress), pending.ProviderAddress))
        {
            FormAction = "'self'",
        };
    }

    private static JsonHttpResult<WaitState> State(
        HttpContext http, Visits visits, IStagedSignIns signIns, TimeProvider time)
    {
        var status = visits.Pending(http.Request) is not { } pending ? "none" : Find(pending, signIns, time) switch
        {
            { Refusal: not null } => "failed",
            { Value.Result: null } => "pending",
            _ => "verified",
        };
        return TypedResults.Json(new WaitState(status), PeopleJson.Default.WaitState);
    }

    private static Task<IResult> FinishAsync(
        HttpContext http, PageForms forms, Visits visits, IStagedSignIns signIns, StagedSessions sessions,
        TimeProvider time, CancellationToken stop) => forms.RunAsync(
            http,
            async (attempt, _) =>
            {
                if (visits.Pending(http.Request) is not { } pending) return Nothing("no sign-in of this browser waits");
                var found = Find(pending, signIns, time);
                if (found.Refusal is { } failed)
                {
                    visits.ForgetPending(http.Request);
                    return failed;
                }

                if (found.Value.Result?.Identity is not { } proven) return new SeeOther("sign-in/wait");

                // On record, then signed; once.
                var issued = await sessions.GetAsync(found.Value, proven, pending.Method, attempt.RequestId);
                attempt.Know(issued.Identity.Omni);
                visits.SignIn(http, issued);
                return new SeeOther("account");
            },
            stop);

    private static Result<StagedState> Find(PendingSignIn pending, IStagedSignIns signIns, TimeProvider time)
    {
        var state = signIns.Find(pending.Method, Sha256Digest.Of(pending.RequestId));
        if (state is null || state.ExpiresAt <= time.GetUtcNow()) return Nothing("the sign-in has expired");
        return state.Result?.Failure is { } reason ? Nothing($"the sign-in has failed: {reason}") : state;
    }

    private static Refusal Nothing(string why) => new(PeopleRefusals.NothingPending, why);
}
