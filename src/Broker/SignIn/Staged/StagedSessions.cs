using Broker.Cryptography;
using Broker.Identity;
using Broker.Ledger;
using Broker.Sessions;

namespace Broker.SignIn.Staged;

/// <summary>
/// The sessions of finished sign-ins. A session token is never stored: the first poll that finds its sign-in verified
/// has it issued, on record first, and later polls get the same answer from memory until the sign-in expires. Polls at
/// once wait for one issue. After a restart, and for a sign-in that lost its place here, a poll has a new session
/// issued, with an entry of its own.
/// </summary>
internal sealed class StagedSessions(IssueSession issue, IdentityOptions identities, TimeProvider time)
{
    /// <summary>The most that are kept.</summary>
    public const int Capacity = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<Sha256Digest, Kept> _kept = [];
    private readonly Queue<Sha256Digest> _order = new();

    /// <summary>How many are kept now.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _kept.Count;
        }
    }

    /// <param name="state">A sign-in that is verified and has not expired.</param>
    /// <param name="method">What proved it, for the ledger.</param>
    public async ValueTask<IssuedSession> GetAsync(
        StagedState state, ProvenIdentity proven, string method, string requestId)
    {
        Lazy<Task<IssuedSession>> session;
        lock (_lock)
        {
            MakeRoom();
            if (!_kept.TryGetValue(state.Request, out var kept))
            {
                kept = new Kept(new(() => IssueAsync(proven, method, requestId)), state.ExpiresAt);
                _kept.Add(state.Request, kept);
                _order.Enqueue(state.Request);
            }

            session = kept.Session;
        }

        try
        {
            return await session.Value;
        }
        catch
        {
            Forget(state.Request, session);
            throw;
        }
    }

    private Task<IssuedSession> IssueAsync(ProvenIdentity proven, string method, string requestId)
    {
        var actor = ActorOmni.Of(identities.ClientId, proven.Type, proven.Value);
        return issue.RunAsync(new SessionIdentity(actor, null, proven.Type, proven.Value), method, requestId).AsTask();
    }

    /// <summary>The oldest go: those that have expired, and one where all places are taken.</summary>
    private void MakeRoom()
    {
        var now = time.GetUtcNow();
        while (_order.TryPeek(out var oldest)
            && (!_kept.TryGetValue(oldest, out var kept) || kept.Until <= now || _kept.Count >= Capacity))
        {
            _order.Dequeue();
            _kept.Remove(oldest);
        }
    }

    /// <summary>What could not be issued is tried anew by the next poll.</summary>
    private void Forget(Sha256Digest request, Lazy<Task<IssuedSession>> failed)
    {
        lock (_lock)
        {
            if (_kept.TryGetValue(request, out var kept) && kept.Session == failed) _kept.Remove(request);
        }
    }

    private sealed record Kept(Lazy<Task<IssuedSession>> Session, DateTimeOffset Until);
}
