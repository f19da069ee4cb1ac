using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Broker.Cryptography;
using Broker.SigningKeys;

namespace Broker.Sessions;

/// <summary>
/// Session tokens that verified, by the SHA-256 of their text, until they expire or their key is
/// no longer accepted. Bounded: a full memory is emptied and
/// fills again, which costs one verification per token and never a wrong answer.
/// </summary>
internal sealed class VerifiedSessions(SessionKeys keys, TimeProvider time)
{
    private const int Capacity = 65_536;

    private readonly ConcurrentDictionary<Sha256Digest, VerifiedSession> _sessions = [];
    private int _count;

    public bool TryGet(Sha256Digest tokenHash, [NotNullWhen(true)] out VerifiedSession? session)
    {
        if (!_sessions.TryGetValue(tokenHash, out session)) return false;
        if (session.ValidUntil > time.GetUtcNow() && keys.Find(session.KeyId) is not null) return true;
        if (_sessions.TryRemove(tokenHash, out _)) Interlocked.Decrement(ref _count);
        session = null;
        return false;
    }

    public void Remember(Sha256Digest tokenHash, VerifiedSession session)
    {
        if (Volatile.Read(ref _count) >= Capacity)
        {
            _sessions.Clear();
            Interlocked.Exchange(ref _count, 0);
        }

        if (_sessions.TryAdd(tokenHash, session)) Interlocked.Increment(ref _count);
    }
}
