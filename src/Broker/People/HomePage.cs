using Broker.Issuer;
using Broker.Ledger.Notes;
using Broker.Ledger.Writing;
using Broker.Modules;
using Broker.Pages;
using Broker.SignIn.Methods;

namespace Broker.People;

/// <summary>
/// <c>GET /</c>: what this broker is, for anyone: its issuer, its health, the newest checkpoint, and how one signs in.
/// Nothing on it is secret: health is each check's name and state, without a reason.
/// </summary>
internal static class HomePage
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/", Show)
        .IsPage("home", "What this broker is, as a page for people", "");

    private static PageAnswer<Home> Show(
        HttpContext http, IssuerOptions issuer, RecentHealth health, ReleaseLedger ledger, SignInOptions methods,
        Visits visits)
    {
        var checks = health.Ask();
        return new PageAnswer<Home>(
            (nameof(Home.Site), issuer.Authority),
            (nameof(Home.Issuer), issuer.Issuer),
            (nameof(Home.Health), Word("all", checks.Max(check => check.Status))),
            (nameof(Home.Checks), checks.Select(check => Word(check.Name, check.Status)).ToArray()),
            (nameof(Home.Checkpoint), NewestOf(ledger)),
            (nameof(Home.IsSignedIn), visits.Session(http.Request) is not null),
            (nameof(Home.Methods), MethodWords.Of(methods)));
    }

    private static PartHealth Word(string name, Readiness status) => new(
        name,
        status switch
        {
            Readiness.Ready => "ready",
            Readiness.Degraded => "degraded",
            _ => "not ready",
        },
        status == Readiness.Ready);

    /// <summary>Null while the ledger has no entry.</summary>
    private static Checkpoint? NewestOf(ReleaseLedger ledger) =>
        SignedNote.TryParse(ledger.NewestCheckpoint, out var note) && Checkpoint.TryParse(note.Text, out var checkpoint)
            ? checkpoint
            : null;
}
