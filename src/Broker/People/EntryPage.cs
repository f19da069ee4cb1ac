using System.Text;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Issuer;
using Broker.Ledger.Writing;
using Broker.Pages;
using Broker.Receipts;

namespace Broker.People;

/// <summary>
/// <c>GET /account/entries/{id}</c>: one of the person's own entries with its receipt, which the browser checks. The
/// proof is made here and nowhere else on the pages, one for each look.
/// </summary>
internal static class EntryPage
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/account/entries/{id}", ShowAsync)
        .IsPage("entryPage", "One of the person's entries, with a receipt that the browser checks", "account", 404, 429)
        .MaySendElsewhere();

    private static Task<IResult> ShowAsync(
        string id, HttpContext http, AccountVisits account, ReleaseLedger ledger, IssuerOptions issuer,
        CancellationToken stop) => account.ShowAsync(
            http,
            (caller, _) => EntryReader.Find(ledger, id, caller.Actor) is { } row
                && ledger.Reader.Receipt(row.Index) is { } receipt
                    ? new PageAnswer<EntryDetails>(
                        (nameof(EntryDetails.Site), issuer.Authority),
                        (nameof(EntryDetails.Entry), EntryView.Of(row)),
                        (nameof(EntryDetails.Canonical), Encoding.UTF8.GetString(row.ToCanonicalBytes())),
                        (nameof(EntryDetails.Receipt), receipt))
                    : new ErrorAnswer(new Refusal(HttpRefusals.NotFound, "you have no such entry in the ledger")),
            stop);
}
