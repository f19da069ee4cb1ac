using Broker.Cryptography;

namespace Broker.Sessions.Proofs;

/// <summary>
/// The proofs that were used, for as long as they could be sent again. In memory: proofs from before the start of this
/// process are not taken, so that nothing is forgotten. Bounded; where all places are taken, none more is.
/// </summary>
internal sealed class UsedProofs(TimeProvider time)
{
    private const int Capacity = 200_000;

    private readonly Lock _lock = new();
    private readonly HashSet<Sha256Digest> _used = [];
    private readonly Queue<(Sha256Digest Proof, DateTimeOffset Until)> _order = new();

    /// <summary>False for one that was used before; null where there is no place.</summary>
    /// <param name="proof">Of its key and its <c>jti</c>.</param>
    public bool? TryUse(Sha256Digest proof, DateTimeOffset until)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            while (_order.TryPeek(out var oldest) && oldest.Until <= now) _used.Remove(_order.Dequeue().Proof);
            if (_used.Contains(proof)) return false;
            if (_used.Count >= Capacity) return null;
            _used.Add(proof);
            _order.Enqueue((proof, until));
            return true;
        }
    }
}
