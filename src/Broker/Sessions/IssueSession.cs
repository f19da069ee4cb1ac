using Broker.Cryptography;
using Broker.Ledger;
using Broker.Ledger.Writing;

namespace Broker.Sessions;

/// <summary>A session token that is on record.</summary>
internal sealed record IssuedSession(
    string Token, string KeyId, SessionIdentity Identity, DateTimeOffset ExpiresAt, string RecordId);

/// <summary>Issues a session to a proven identity. Every way to sign in ends here.</summary>
internal sealed class IssueSession(
    SessionTokens tokens, ReleaseLedger ledger, SessionOptions options, TimeProvider time)
{
    /// <param name="how">What proved the identity, for the ledger: a method of signing in such as
    /// <c>wallet_sig</c>, <c>legacy_bearer</c> or <c>client_credentials</c>.</param>
    /// <param name="bearer">Of the bearer that proved it; null where none did.</param>
    /// <param name="longest">How long it may last; null for as long as sessions do, which it never outlasts.</param>
    /// <exception cref="LedgerUnavailableException">The ledger does not hold it; nothing was signed.</exception>
    public async ValueTask<IssuedSession> RunAsync(
        SessionIdentity identity, string how, string requestId, Sha256Digest? bearer = null,
        TimeSpan? longest = null)
    {
        var now = time.GetUtcNow();
        var lifetime = longest < options.TokenLifetime ? longest.Value : options.TokenLifetime;
        var release = new SessionTokenRelease(
            RecordId.New(now), identity, now, lifetime, how, tokens.Writer, requestId, bearer);

        // On record first; only a recorded release can be signed.
        var recorded = await ledger.RecordAsync(release, CancellationToken.None);
        return new IssuedSession(
            tokens.Sign(recorded), release.Writer.Key.KeyId, identity, release.ExpiresAt, recorded.Receipt.RecordId);
    }
}
