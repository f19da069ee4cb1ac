using Broker.Foundation.Results;
using Broker.Http;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Sessions;

namespace Broker.Receipts;

/// <summary>
/// Who may read which entries: an actor its own, the operator all. An agent that acts for its master reads none of the
/// master's.
/// </summary>
internal sealed class EntryReader(Callers callers, OperatorToken operatorToken)
{
    /// <summary>Null stands for the operator.</summary>
    public async ValueTask<(ActorOmni? Actor, Refusal? Refusal)> WhoAsync(HttpRequest request)
    {
        var bearer = BearerToken.Of(request);
        if (bearer.Refusal is { } missing) return (null, missing);
        if (operatorToken.Is(bearer.Value)) return (null, null);
        var caller = await callers.VerifyAsync(bearer.Value, CancellationToken.None);
        if (caller.Refusal is { } unknown) return (null, unknown);
        return caller.Value.Acting is null
            ? (caller.Value.Actor, null)
            : (null, new Refusal(SessionRefusals.NotAMaster, "an agent acts in the session; this is for its master"));
    }

    /// <summary>
    /// The row, or null where there is none or it concerns another actor: the two look alike from outside.
    /// </summary>
    public static LedgerRow? Find(ReleaseLedger ledger, string recordId, ActorOmni? actor) =>
        RecordId.TryParse(recordId, out _) && ledger.Reader.Find(recordId) is { } row
            && (actor is null || row.Columns.ActorOmni == actor.ToString())
            ? row
            : null;
}
