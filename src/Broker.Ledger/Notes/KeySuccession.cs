using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Broker.Cryptography;

namespace Broker.Ledger.Notes;

/// <summary>
/// A log's key vouches for the one that follows it: a note (C2SP signed-note) that both sign, the old one to vouch, the
/// new one to show that somebody holds it. Whoever trusts the old key may trust the new one from then on.
/// </summary>
/// <remarks>
/// The text is five lines: <c>ledger-key-succession/v1</c>, the log's origin, the vkey that follows, the vkey that
/// vouches, and when, in Unix seconds. Its second line is no number, so that it never reads as a checkpoint.
/// </remarks>
/// <example>
/// <code>
/// ledger-key-succession/v1
/// broker.example/ledger
/// broker.example/ledger+5a3b…+AT…
/// broker.example/ledger+0f12…+AQ…
/// 1790000000
///
/// — broker.example/ledger DxI…
/// — broker.example/ledger Wjs…
/// </code>
/// </example>
public sealed class KeySuccession
{
    private const string Header = "ledger-key-succession/v1";

    private KeySuccession(string origin, NoteKey successor, NoteKey former, DateTimeOffset at, SignedNote note)
    {
        Origin = origin;
        Successor = successor;
        Former = former;
        At = at;
        Note = note;
    }

    public string Origin { get; }

    /// <summary>The key that follows.</summary>
    public NoteKey Successor { get; }

    /// <summary>The key that vouches.</summary>
    public NoteKey Former { get; }

    public DateTimeOffset At { get; }

    public SignedNote Note { get; }

    /// <summary>The note, signed by both.</summary>
    public static string Sign(string origin, Ed25519SigningKey former, Ed25519SigningKey successor, DateTimeOffset at)
    {
        var (old, next) = (new NoteSigner(origin, former), new NoteSigner(origin, successor));
        var seconds = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var text = $"{Header}\n{origin}\n{next.VerifierKey}\n{old.VerifierKey}\n{seconds}\n";
        return old.Sign(text) + next.SignatureLine(text);
    }

    /// <summary>
    /// Reads a note strictly, and verifies both signatures with the keys that it names; that the former of them is one
    /// to trust is the caller's to say, or <see cref="Trusted"/>'s.
    /// </summary>
    public static bool TryParse(string note, [NotNullWhen(true)] out KeySuccession? succession)
    {
        succession = null;
        if (!SignedNote.TryParse(note, out var signed)) return false;
        var lines = signed.Text.Split('\n');
        if (lines.Length != 6 || lines[5].Length != 0 || lines[0] != Header) return false;
        if (!NoteKey.TryParse(lines[2], out var next) || !NoteKey.TryParse(lines[3], out var former)) return false;
        if (next.Type != NoteKeyType.Ed25519 || former.Type != NoteKeyType.Ed25519) return false;
        if (next.Name != lines[1] || former.Name != lines[1]) return false;
        if (!Checkpoint.TryParseSize(lines[4], out var seconds) || seconds > 253_402_300_799) return false;
        if (signed.Verify(former) != NoteVerdict.Signed || signed.Verify(next) != NoteVerdict.Signed) return false;
        succession = new KeySuccession(lines[1], next, former, DateTimeOffset.FromUnixTimeSeconds(seconds), signed);
        return true;
    }

    /// <summary>The keys that are trusted already, and those that they vouch for, one after the other.</summary>
    public static IReadOnlyList<NoteKey> Trusted(
        IEnumerable<NoteKey> trusted, IReadOnlyCollection<KeySuccession> successions)
    {
        var keys = trusted.ToDictionary(key => key.ToString());
        var isLonger = true;
        while (isLonger)
        {
            isLonger = false;
            foreach (var one in successions)
            {
                if (keys.ContainsKey(one.Former.ToString()))
                    isLonger |= keys.TryAdd(one.Successor.ToString(), one.Successor);
            }
        }

        return [.. keys.Values];
    }
}
