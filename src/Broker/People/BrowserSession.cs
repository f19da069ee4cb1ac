using Broker.Sessions;

namespace Broker.People;

/// <summary>A session that a browser has; its token stays in the broker.</summary>
/// <param name="Id">The record id of the session: what names it on pages.</param>
/// <param name="Token">A secret: it is put on the browser's own requests, and never into an answer.</param>
/// <param name="Device">What browser it is, in words.</param>
internal sealed record BrowserSession(
    string Id, string Token, SessionIdentity Identity, string Device, DateTimeOffset Since, DateTimeOffset Until);
