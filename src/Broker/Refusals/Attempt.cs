using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Ledger;

namespace Broker.Refusals;

/// <summary>
/// One request on its way to what it asks for: what is known of it so far, and the one way to refuse it. Whatever
/// refuses it is on record with what was known by then.
/// </summary>
/// <param name="asked">What it asks for, as the ledger has it.</param>
internal sealed class Attempt(HttpContext http, RefusalRecords records, RefusedRequest asked)
{
    private RefusedRequest _known = asked;

    public HttpRequest Request => http.Request;

    public string RequestId => http.RequestId();

    /// <summary>Null until it is known.</summary>
    public BearerToken? Bearer { get; private set; }

    public void Know(BearerToken bearer)
    {
        Bearer = bearer;
        _known = _known with { Bearer = bearer.Hash };
    }

    public void Know(VerifiedCaller caller)
    {
        _known = _known with { Caller = caller };
        http.NoteActor(caller.Actor.ToString());
    }

    /// <summary>Names the actor in the request's line of the log; the proof is not that of a bearer.</summary>
    public void Know(ActorOmni actor) => http.NoteActor(actor.ToString());

    /// <summary>Names what would be released, once that is known.</summary>
    public void Name(string? role, string session) =>
        _known = _known with { RequestedRole = role ?? _known.RequestedRole, Session = EntrySession.Of(session) };

    public ValueTask<IResult> RefuseAsync(Refusal refusal) => records.RefuseAsync(http, refusal, _known);
}

/// <summary>Begins attempts.</summary>
internal sealed class Attempts(RefusalRecords records)
{
    /// <param name="kind">The ledger's kind of what is asked for.</param>
    /// <param name="role">What the ledger calls the role, until it is known.</param>
    public Attempt Begin(HttpContext http, EntryKind kind, string role) => new(http, records, new(kind, role));
}
