namespace Broker.People;

/// <summary>A sign-in that a browser has begun and that waits for its proof, by mail or at a provider.</summary>
/// <param name="RequestId">What polls for it; a secret, since its holder gets the session.</param>
/// <param name="ProviderAddress">Where the person goes; null where it is the mailbox.</param>
internal sealed record PendingSignIn(
    string Method, string RequestId, string CompareCode, string Where, string? ProviderAddress);
