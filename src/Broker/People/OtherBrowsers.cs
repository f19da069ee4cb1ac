using Broker.Http;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.People;

/// <summary>
/// The other browsers in which a person is signed in. Ending one ends its session: from the return on its token is
/// refused, and the browser is sent to sign in. Sessions of programs are not among them, for the broker keeps no list
/// of the tokens that it gave out.
/// </summary>
internal sealed class OtherBrowsers(Visits visits, Callers callers, RevokeSession revoke)
{
    /// <summary>The newest first; none whose session has ended.</summary>
    /// <param name="own">Of the browser that asks.</param>
    public IEnumerable<BrowserSession> Of(BrowserSession own) => visits.SessionsOf(own.Identity.Omni)
        .Where(one => one.Id != own.Id)
        .OrderByDescending(one => one.Since)
        .Where(one => SessionOf(one) is not null);

    /// <summary>False where there is no such browser, or no more.</summary>
    public async ValueTask<bool> EndAsync(BrowserSession own, string id, Attempt attempt)
    {
        if (Of(own).FirstOrDefault(one => one.Id == id) is not { } other) return false;
        await EndAsync(other, attempt);
        return true;
    }

    public async ValueTask EndAllAsync(BrowserSession own, Attempt attempt)
    {
        foreach (var other in Of(own).ToList()) await EndAsync(other, attempt);
    }

    private async ValueTask EndAsync(BrowserSession other, Attempt attempt)
    {
        visits.Forget(other);
        if (SessionOf(other) is var (session, bearer))
            await revoke.RunAsync(session, bearer.Hash, attempt.RequestId, "its holder, in another browser");
    }

    /// <summary>Null where the session has ended.</summary>
    private (VerifiedSession Session, BearerToken Bearer)? SessionOf(BrowserSession one)
    {
        var bearer = BearerToken.Of(one.Token);
        if (bearer.IsRefused) return null;
        var session = callers.Session(bearer.Value);
        return session.IsRefused ? null : (session.Value, bearer.Value);
    }
}
