using Broker.Cryptography;

namespace Broker.Ledger.Notes;

/// <summary>
/// The keys that sign a log's checkpoints at a time: one, or while its key changes the old and the new one, so that
/// whoever trusts either of them can verify.
/// </summary>
public sealed class CheckpointSigners
{
    private readonly NoteSigner[] _signers;

    /// <param name="origin">The log's; the name of each key.</param>
    /// <param name="keys">All of them sign; the first is the one to publish. They stay the caller's.</param>
    /// <param name="former">Keys that signed before, which may be under the newest checkpoint.</param>
    public CheckpointSigners(
        string origin, IReadOnlyList<Ed25519SigningKey> keys, IEnumerable<Ed25519VerifyingKey>? former = null)
    {
        if (keys.Count == 0) throw new ArgumentException("internal error: no key signs", nameof(keys));
        _signers = [.. keys.Select(key => new NoteSigner(origin, key))];
        Known =
        [
            .. _signers.Select(signer => signer.VerifierKey),
            .. (former ?? []).Select(key => new NoteKey(origin, NoteKeyType.Ed25519, key)),
        ];
    }

    /// <summary>The key to publish.</summary>
    public NoteKey VerifierKey => _signers[0].VerifierKey;

    /// <summary>Every key that signs or signed, the one to publish first.</summary>
    public IReadOnlyList<NoteKey> Known { get; }

    /// <summary>The note with a signature line of each key that signs.</summary>
    public string Sign(string text)
    {
        var note = _signers[0].Sign(text);
        for (var i = 1; i < _signers.Length; i++) note += _signers[i].SignatureLine(text);
        return note;
    }
}
