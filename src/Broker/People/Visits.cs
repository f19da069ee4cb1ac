using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Issuer;
using Broker.Ledger;
using Broker.Sessions;

namespace Broker.People;

/// <summary>
/// Browsers, known by their cookie: who is signed in, whose sign-in waits, and whether a form came from a page that
/// this browser was given. Everything is in memory, under the SHA-256 of the cookie; a restart signs people out.
/// </summary>
internal sealed class Visits(BrowserCookie cookie, IssuerOptions issuer, TimeProvider time)
{
    /// <summary>The most that are signed in at a time, and the most whose sign-in waits.</summary>
    private const int Capacity = 10_000;

    /// <summary>Carries the form token of what a script sends.</summary>
    private const string ScriptHeader = "X-Form-Token";

    private static readonly TimeSpan LongestSignIn = TimeSpan.FromMinutes(15);

    private readonly byte[] _formKey = RandomNumberGenerator.GetBytes(32);
    private readonly ExpiringMemory<BrowserSession> _sessions = new(Capacity, time);
    private readonly ExpiringMemory<PendingSignIn> _pending = new(Capacity, time);
    private readonly ExpiringMemory<string> _returns = new(Capacity, time);

    /// <summary>The browser's id; a new one, which the answer sets, where it has none.</summary>
    public string Open(HttpContext http) => cookie.Read(http.Request) ?? cookie.Renew(http.Response);

    /// <summary>Null where the browser is not signed in.</summary>
    public BrowserSession? Session(HttpRequest request) =>
        cookie.Read(request) is { } id ? _sessions.Find(Sha256Digest.Of(id)) : null;

    /// <summary>
    /// Puts the browser's own bearer on the request, in the place of any other: from here on the request is that of the
    /// session's holder, and every use case checks it as it checks all others. Null where the browser is not signed in.
    /// </summary>
    public BrowserSession? Enter(HttpContext http)
    {
        var session = Session(http.Request);
        http.Request.Headers.Remove("Authorization");
        if (session is not null) http.Request.Headers.Authorization = $"Bearer {session.Token}";
        return session;
    }

    /// <summary>The browser has this session now. Its id is a new one, so an id that somebody knew is worth nothing.</summary>
    public void SignIn(HttpContext http, IssuedSession issued)
    {
        var back = TakeReturn(http.Request);
        Leave(http.Request);
        var id = cookie.Renew(http.Response);
        if (back is not null) ReturnTo(id, back);
        _sessions.Keep(
            Sha256Digest.Of(id),
            new BrowserSession(
                issued.RecordId, issued.Token, issued.Identity, BrowserWords.Of(http.Request.Headers.UserAgent),
                time.GetUtcNow(), issued.ExpiresAt),
            issued.ExpiresAt);
    }

    /// <summary>Those of every browser in which this actor is signed in.</summary>
    public IReadOnlyList<BrowserSession> SessionsOf(ActorOmni actor) =>
        _sessions.Where(one => one.Identity.Omni == actor);

    /// <summary>The browser that has it is not signed in any more; the session itself is ended elsewhere.</summary>
    public void Forget(BrowserSession session) => _sessions.ForgetWhere(one => one == session);

    /// <summary>The browser is not signed in any more; the session itself is ended elsewhere.</summary>
    public void SignOut(HttpContext http)
    {
        Leave(http.Request);
        cookie.Remove(http.Response);
    }

    /// <summary>A browser whose session is over begins anew; the answer sets its id.</summary>
    public string Restart(HttpContext http)
    {
        Leave(http.Request);
        return cookie.Renew(http.Response);
    }

    /// <summary>Where this browser goes on once it is signed in.</summary>
    /// <param name="page">From the broker's own root, without a slash in front; one of ours.</param>
    public void ReturnTo(string id, string page) =>
        _returns.Keep(Sha256Digest.Of(id), page, time.GetUtcNow() + LongestSignIn);

    /// <summary>Null where it goes to its account. Taken once.</summary>
    public string? TakeReturn(HttpRequest request) =>
        cookie.Read(request) is { } id ? _returns.Take(Sha256Digest.Of(id)) : null;

    /// <summary>The browser is not signed in any more, and keeps its id; its session itself goes on.</summary>
    public void Forget(HttpRequest request) => Leave(request);

    public void Keep(string id, PendingSignIn pending, DateTimeOffset until) =>
        _pending.Keep(Sha256Digest.Of(id), pending, until);

    /// <summary>Null where nothing waits.</summary>
    public PendingSignIn? Pending(HttpRequest request) =>
        cookie.Read(request) is { } id ? _pending.Find(Sha256Digest.Of(id)) : null;

    public void ForgetPending(HttpRequest request)
    {
        if (cookie.Read(request) is { } id) _pending.Forget(Sha256Digest.Of(id));
    }

    /// <summary>What a form of this browser carries.</summary>
    public string FormToken(string id) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(_formKey, Encoding.ASCII.GetBytes("form\n" + id)));

    /// <summary>The same for what a page's script sends.</summary>
    public Refusal? CheckScript(HttpRequest request) => CheckForm(request, request.Headers[ScriptHeader]);

    /// <summary>Null when the request came from a page of ours that this browser was given.</summary>
    /// <param name="token">As the form or the script sent it.</param>
    public Refusal? CheckForm(HttpRequest request, string? token)
    {
        if (IsFromElsewhere(request))
            return new Refusal(PeopleRefusals.CrossSiteForm, "the form was sent by another site");
        return token is not null && cookie.Read(request) is { } id
            && CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(FormToken(id)))
            ? null
            : new Refusal(PeopleRefusals.FormNotValid, "the form is not one that this browser was given");
    }

    /// <summary>
    /// What browsers say themselves and no page can forge: where the request began (Fetch Metadata), and the origin of
    /// its page. Our pages send no referrer, so their forms have the origin <c>null</c>; then the first must vouch.
    /// </summary>
    private bool IsFromElsewhere(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"];
        if (site.Count > 0 && site != "same-origin") return true;
        var origin = request.Headers.Origin;
        return origin.Count switch
        {
            0 => false,
            1 when origin[0] == "null" => site.Count == 0,
            1 => !Uri.TryCreate(origin[0], UriKind.Absolute, out var from)
                || (from.Authority != request.Host.Value && from.Authority != issuer.Authority),
            _ => true,
        };
    }

    private void Leave(HttpRequest request)
    {
        if (cookie.Read(request) is not { } id) return;
        _sessions.Forget(Sha256Digest.Of(id));
        _pending.Forget(Sha256Digest.Of(id));
    }
}
