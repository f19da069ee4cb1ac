using Broker.Sessions;

namespace Broker.People;

/// <summary>A session that a browser has; its token stays in the broker.</summary>
/// <param name="Token">A secret: it is put on the browser's own requests, and never into an answer.</param>
internal sealed record BrowserSession(
    string Token, SessionIdentity Identity, DateTimeOffset Since, DateTimeOffset Until);

/// <summary>A sign-in that a browser has begun and that waits for its proof, by mail or at a provider.</summary>
/// <param name="RequestId">What polls for it; a secret, since its holder gets the session.</param>
/// <param name="ProviderAddress">Where the person goes; null where it is the mailbox.</param>
internal sealed record PendingSignIn(
    string Method, string RequestId, string CompareCode, string Where, string? ProviderAddress);
