using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Broker.Foundation;

namespace Broker.Ledger.Notes;

/// <summary>One signature line of a note: who says to have signed, and the bytes after the key id.</summary>
public sealed record NoteSignature(string Name, uint KeyId, ReadOnlyMemory<byte> Value)
{
    /// <summary>The line as it stands under a note, with its newline.</summary>
    public string ToLine()
    {
        var bytes = new byte[4 + Value.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, KeyId);
        Value.CopyTo(bytes.AsMemory(4));
        return $"\u2014 {Name} {Convert.ToBase64String(bytes)}\n";
    }
}

/// <summary>How a note stands towards one key.</summary>
public enum NoteVerdict
{
    /// <summary>The key signed the note.</summary>
    Signed,

    /// <summary>No signature line bears the key's name and id.</summary>
    NotSigned,

    /// <summary>
    /// A line bears the key's name and id, but the signature is not the key's: reject the whole note.
    /// </summary>
    Forged,
}

/// <summary>
/// A text with signatures under it (C2SP signed-note): the text ends in a newline, an empty line follows, then lines
/// of the form <c>— name base64(key id ‖ signature)</c>. Nothing in it may be believed before
/// <see cref="Verify(NoteKey)"/>.
/// </summary>
public sealed class SignedNote
{
    /// <summary>
    /// Longest note that is read, in characters. It has room for 63 ML-DSA-44 cosignatures of 3.5 kB, with the
    /// longest names that such keys have, and for the log's lines.
    /// </summary>
    public const int MaxLength = 1 << 18;

    // signed-note asks verifiers for a limit, and for at least 16. Here it is 63 witnesses, and the keys of a log that
    // follow one another, of which more than one may sign.
    private const int MaxSignatures = 68;

    private SignedNote(string text, IReadOnlyList<NoteSignature> signatures)
    {
        Text = text;
        Signatures = signatures;
    }

    /// <summary>What is signed, the final newline included.</summary>
    public string Text { get; }

    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <summary>Reads a note strictly; false for anything that the format does not allow.</summary>
    public static bool TryParse(string note, [NotNullWhen(true)] out SignedNote? parsed)
    {
        parsed = null;
        if (note.Length > MaxLength || !note.EndsWith('\n') || !NoteText.IsAllowed(note)) return false;

        // The last empty line parts the text from the signatures.
        var split = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (split < 0 || split + 2 == note.Length) return false;
        var lines = note[(split + 2)..^1].Split('\n');
        if (lines.Length > MaxSignatures) return false;
        var signatures = new List<NoteSignature>(lines.Length);
        foreach (var line in lines)
        {
            if (!TryParseLine(line, out var signature)) return false;
            signatures.Add(signature);
        }

        parsed = new SignedNote(note[..(split + 1)], signatures);
        return true;
    }

    /// <summary>Reads one signature line, without its newline.</summary>
    public static bool TryParseLine(string line, [NotNullWhen(true)] out NoteSignature? signature)
    {
        signature = null;
        if (!line.StartsWith("\u2014 ", StringComparison.Ordinal)) return false;
        var parts = line[2..].Split(' ');
        if (parts.Length != 2 || !NoteKey.IsName(parts[0])) return false;

        // Narrower than signed-note on purpose: the bits behind the last byte must be zero, as RFC 4648 §3.5 allows to
        // insist, so that a line has one spelling.
        if (!Base64Text.TryRead(parts[1], out var bytes) || bytes.Length < 5) return false;
        signature = new NoteSignature(parts[0], BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes.AsMemory(4));
        return true;
    }

    /// <summary>Says whether the key signed this note. Several lines of the same key must all be right.</summary>
    public NoteVerdict Verify(NoteKey key)
    {
        var verdict = NoteVerdict.NotSigned;
        foreach (var signature in Signatures)
        {
            if (signature.Name != key.Name || signature.KeyId != key.Id) continue;
            if (!IsBy(key, signature.Value.Span)) return NoteVerdict.Forged;
            verdict = NoteVerdict.Signed;
        }

        return verdict;
    }

    /// <summary>
    /// Says whether one of the keys signed this note. A wrong signature of any of them spoils it, whatever the others
    /// signed (signed-note, "Signatures").
    /// </summary>
    public NoteVerdict Verify(IEnumerable<NoteKey> keys)
    {
        var verdict = NoteVerdict.NotSigned;
        foreach (var key in keys)
        {
            var one = Verify(key);
            if (one == NoteVerdict.Forged) return one;
            if (one == NoteVerdict.Signed) verdict = one;
        }

        return verdict;
    }

    private bool IsBy(NoteKey key, ReadOnlySpan<byte> signature) => key.Type switch
    {
        NoteKeyType.Ed25519 => key.Key.Verify(Encoding.UTF8.GetBytes(Text), signature),
        NoteKeyType.CosignatureV1 or NoteKeyType.MLDsa44Cosignature => Cosignature.IsBy(key, Text, signature),
        _ => false,
    };
}
