using System.Globalization;
using System.Runtime.CompilerServices;
using Broker.Ledger.Merkle;

namespace Broker.Ledger;

/// <summary>The columns that are texts, in the order of <see cref="CanonicalEntry"/>.</summary>
public enum EntryText
{
    AccessKeyId,
    ActorOmni,
    Evidence,
    Kind,
    Outcome,
    OutcomeDetail,
    RecordId,
    RequestHash,
    RequestId,
    RequestedRole,
    RequesterToken,
    RequesterWallet,
    StsSessionName,
    Subject,
}

/// <summary>
/// An entry as bytes, made on the thread of the request before the entry has an index: its canonical bytes up to the
/// id and behind it, and the UTF-8 of every text. The thread that writes only puts the id between and hashes.
/// Immutable.
/// </summary>
public sealed class EncodedEntry
{
    /// <summary>Digits of the greatest id.</summary>
    private const int MostDigits = 19;

    // The prefix of a leaf, the canonical bytes without the id, then the texts that stand escaped in them.
    private readonly byte[] _bytes;
    private readonly int _idAt;
    private readonly int _end;
    private readonly Slices _texts;

    internal EncodedEntry(LedgerColumns columns, byte[] bytes, int idAt, int end, in Slices texts)
    {
        Columns = columns;
        _bytes = bytes;
        _idAt = idAt;
        _end = end;
        _texts = texts;
        Keys = EntryKeys.Of(columns);
    }

    public LedgerColumns Columns { get; }

    /// <summary>What the entry is found by.</summary>
    public EntryKeys Keys { get; }

    /// <summary>Encodes columns.</summary>
    /// <exception cref="ArgumentException">
    /// They take more than <see cref="CanonicalEntry.MaxLength"/> bytes.
    /// </exception>
    public static EncodedEntry Of(LedgerColumns columns) => CanonicalEntry.Encode(columns);

    /// <summary>All the bytes, for a store that hands their address on; see <see cref="Place"/>.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>
    /// Where in <see cref="Bytes"/> the UTF-8 of a text stands; nothing for an
    /// <see cref="LedgerColumns.OutcomeDetail"/> of null.
    /// </summary>
    public (int Start, int Length) Place(EntryText text) => (_texts[(int)text].Start, _texts[(int)text].Length);

    /// <summary>The canonical bytes with this id, in an array of their own.</summary>
    public byte[] ToCanonical(long id)
    {
        Span<byte> digits = stackalloc byte[MostDigits];
        digits = Digits(id, digits);
        var bytes = new byte[_end - 1 + digits.Length];
        _bytes.AsSpan(1, _idAt - 1).CopyTo(bytes);
        digits.CopyTo(bytes.AsSpan(_idAt - 1));
        _bytes.AsSpan(_idAt, _end - _idAt).CopyTo(bytes.AsSpan(_idAt - 1 + digits.Length));
        return bytes;
    }

    /// <summary>The leaf hash with this id.</summary>
    public MerkleHash Leaf(long id)
    {
        Span<byte> digits = stackalloc byte[MostDigits];
        digits = Digits(id, digits);
        var length = _end + digits.Length;
        var leaf = length <= 2048 ? stackalloc byte[2048] : new byte[length];
        _bytes.AsSpan(0, _idAt).CopyTo(leaf);
        digits.CopyTo(leaf[_idAt..]);
        _bytes.AsSpan(_idAt, _end - _idAt).CopyTo(leaf[(_idAt + digits.Length)..]);
        return TreeHasher.LeafOfPrefixed(leaf[..length]);
    }

    private static Span<byte> Digits(long id, Span<byte> digits)
    {
        id.TryFormat(digits, out var written, provider: CultureInfo.InvariantCulture);
        return digits[..written];
    }

    /// <summary>Where each text stands.</summary>
    [InlineArray((int)EntryText.Subject + 1)]
    internal struct Slices
    {
        private Slice _first;
    }

    internal readonly record struct Slice(int Start, int Length);
}
