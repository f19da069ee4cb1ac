using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Broker.Foundation;
using Broker.Ledger.Merkle;

namespace Broker.Ledger.Notes;

/// <summary>
/// A proof, complete in itself, that an entry is in the log (C2SP tlog-proof): the entry's index, the hashes from its
/// leaf to the root, and the signed checkpoint that holds the root. Kept in files named <c>*.tlog-proof</c>.
/// </summary>
/// <example>
/// <code>
/// c2sp.org/tlog-proof@v1
/// index 1
/// ZWCFVPYEpr+XP3Tqeoyqf9GyNUBBKjXDsF3TqJwLNRU=
///
/// broker.example/ledger
/// 2
/// CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
///
/// — broker.example/ledger Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
/// </code>
/// </example>
public sealed class InclusionReceipt
{
    private const string Header = "c2sp.org/tlog-proof@v1\n";

    private const string ExtraWord = "extra ";

    private const string IndexWord = "index ";

    // 44 characters of base64 and the newline.
    private const int HashLineLength = 45;

    private InclusionReceipt(long index, MerkleHash[] path, SignedNote note, Checkpoint checkpoint)
    {
        Index = index;
        Path = path;
        Note = note;
        Checkpoint = checkpoint;
    }

    /// <summary>Zero-based position of the entry in the log.</summary>
    public long Index { get; }

    /// <summary>From the leaf's sibling to the root's child (RFC 6962 §2.1.1).</summary>
    public IReadOnlyList<MerkleHash> Path { get; }

    /// <summary>The checkpoint with its signatures.</summary>
    public SignedNote Note { get; }

    public Checkpoint Checkpoint { get; }

    /// <summary>Writes the text form; <paramref name="note"/> is the signed checkpoint, taken over as it is.</summary>
    public static string Format(long index, ReadOnlySpan<MerkleHash> path, string note)
    {
        Span<char> digits = stackalloc char[20];
        index.TryFormat(digits, out var digitCount, provider: CultureInfo.InvariantCulture);
        var length = Header.Length + IndexWord.Length + digitCount + 1 + path.Length * HashLineLength + 1 + note.Length;
        return string.Create(length, new Parts(digits[..digitCount], path, note), static (text, parts) =>
        {
            Header.CopyTo(text);
            text = text[Header.Length..];
            IndexWord.CopyTo(text);
            parts.Index.CopyTo(text[IndexWord.Length..]);
            text = text[(IndexWord.Length + parts.Index.Length)..];
            text[0] = '\n';
            foreach (ref readonly var hash in parts.Path)
            {
                hash.WriteBase64(text[1..]);
                text = text[HashLineLength..];
                text[0] = '\n';
            }

            text[1] = '\n';
            parts.Note.CopyTo(text[2..]);
        });
    }

    /// <summary>
    /// Reads the text form strictly; an <c>extra</c> line is allowed and left out, if it holds base64. Nothing is
    /// verified yet.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out InclusionReceipt? receipt)
    {
        receipt = null;
        if (text.Length > SignedNote.MaxLength || !text.StartsWith(Header, StringComparison.Ordinal)) return false;
        var split = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (split < Header.Length) return false;
        var lines = text[Header.Length..split].Split('\n').AsSpan();
        if (lines[0].StartsWith(ExtraWord, StringComparison.Ordinal))
        {
            if (!Base64Text.TryRead(lines[0][ExtraWord.Length..], out var extra) || extra.Length == 0) return false;
            lines = lines[1..];
        }

        if (lines.Length is 0 or > 1 + MerkleProofs.MaxLength) return false;
        if (!lines[0].StartsWith(IndexWord, StringComparison.Ordinal)) return false;
        if (!Checkpoint.TryParseSize(lines[0].AsSpan(IndexWord.Length), out var index)) return false;

        var path = new MerkleHash[lines.Length - 1];
        for (var i = 0; i < path.Length; i++)
        {
            if (!MerkleHash.TryParseBase64(lines[i + 1], out path[i])) return false;
        }

        if (!SignedNote.TryParse(text[(split + 2)..], out var note)) return false;
        if (!Checkpoint.TryParse(note.Text, out var checkpoint)) return false;
        receipt = new InclusionReceipt(index, path, note, checkpoint);
        return true;
    }

    /// <summary>
    /// Checks the receipt for an entry against the key of the log that one trusts, and the log's origin, which is the
    /// key's name unless given (tlog-checkpoint, "Signatures"). Null when everything holds, else what does not.
    /// </summary>
    public string? FindFault(ReadOnlySpan<byte> canonicalEntry, NoteKey logKey, string? origin = null) =>
        FindFault(TreeHasher.Leaf(canonicalEntry), logKey, origin);

    /// <inheritdoc cref="FindFault(ReadOnlySpan{byte}, NoteKey, string)"/>
    public string? FindFault(in MerkleHash leaf, NoteKey logKey, string? origin = null) =>
        FindCheckpointFault(logKey, origin) ?? FindProofFault(leaf);

    /// <summary>
    /// Checks only that the key signed the checkpoint, and that the index lies inside its tree: all that can be said
    /// without the entry.
    /// </summary>
    public string? FindCheckpointFault(NoteKey logKey, string? origin = null) =>
        LogSignature.FindFault(Note, Checkpoint, logKey, origin ?? logKey.Name) ?? FindIndexFault();

    /// <summary>
    /// Checks only that the proof leads from the entry to the checkpoint's root. It says nothing about who signed it.
    /// </summary>
    public string? FindProofFault(ReadOnlySpan<byte> canonicalEntry) => FindProofFault(TreeHasher.Leaf(canonicalEntry));

    /// <summary>Checks only that the index lies inside the checkpoint's tree.</summary>
    public string? FindIndexFault() =>
        Index >= Checkpoint.Size ? $"index {Index} lies outside the tree of {Checkpoint.Size}" : null;

    private string? FindProofFault(in MerkleHash leaf) =>
        MerkleVerifier.IsIncluded(leaf, Index, Checkpoint.Size, [.. Path], Checkpoint.Root)
            ? null
            : FindIndexFault()
                ?? $"the proof does not lead from the entry at index {Index} to the checkpoint's root";

    private readonly ref struct Parts(ReadOnlySpan<char> index, ReadOnlySpan<MerkleHash> path, string note)
    {
        public readonly ReadOnlySpan<char> Index = index;
        public readonly ReadOnlySpan<MerkleHash> Path = path;
        public readonly string Note = note;
    }
}
