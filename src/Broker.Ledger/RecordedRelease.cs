namespace Broker.Ledger;

/// <summary>Something that may leave the house once it is on record.</summary>
public interface IRelease
{
    /// <summary>The row that records this release. Called once, before the commit.</summary>
    LedgerEntry ToEntry();
}

/// <summary>
/// Proof that <typeparamref name="TRelease"/> is on disk in the ledger. Only the ledger makes one, after the commit
/// returned; whatever signs a token or writes a secret into an answer asks for it, so that forgetting the ledger
/// does not compile.
/// </summary>
public sealed class RecordedRelease<TRelease>
    where TRelease : IRelease
{
    private readonly TRelease _release;
    private int _redeemed;

    internal RecordedRelease(TRelease release, LedgerReceipt receipt)
    {
        _release = release;
        Receipt = receipt;
    }

    /// <summary>What the ledger gives in exchange: index, record id and inclusion proof.</summary>
    public LedgerReceipt Receipt { get; }

    /// <summary>Hands the release over, once: a second call is a bug and throws.</summary>
    /// <exception cref="InvalidOperationException">The release was redeemed before.</exception>
    public TRelease Redeem() => Interlocked.Exchange(ref _redeemed, 1) == 0
        ? _release
        : throw new InvalidOperationException("internal error: a recorded release was redeemed twice");
}
