using System.Diagnostics.CodeAnalysis;
using Broker.Foundation;
using Broker.Ledger.Merkle;

namespace Broker.Ledger.Notes;

/// <summary>
/// What a log commits to at one size (C2SP tlog-checkpoint). As a note text, three lines: the origin, the number of
/// leaves in decimal, the root in base64.
/// </summary>
/// <example>
/// <code>
/// example.com/behind-the-sofa
/// 20852163
/// CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
/// </code>
/// </example>
public sealed record Checkpoint(string Origin, long Size, MerkleHash Root)
{
    /// <summary>The note text: the three lines, each with its newline.</summary>
    public string ToText() => $"{Origin}\n{Size}\n{Root.ToBase64()}\n";

    /// <summary>
    /// Reads a note text. Extension lines of other logs are allowed and left out. The origin may be any text, spaces
    /// and plus signs too (tlog-checkpoint, "Note text"). Sizes end at 2⁶³−1, where the tree's arithmetic does.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Checkpoint? checkpoint)
    {
        checkpoint = null;
        var lines = text.Split('\n');
        if (lines.Length < 4 || lines[^1].Length != 0) return false;
        if (lines.AsSpan(0, lines.Length - 1).Contains("")) return false;
        if (!TryParseSize(lines[1], out var size)) return false;
        if (!MerkleHash.TryParseBase64(lines[2], out var root)) return false;
        checkpoint = new Checkpoint(lines[0], size, root);
        return true;
    }

    /// <summary>Reads ASCII digits, without leading zeroes.</summary>
    public static bool TryParseSize(ReadOnlySpan<char> text, out long size)
    {
        size = 0;
        if (text.Length > 1 && text[0] == '0') return false;
        if (!DecimalDigits.TryRead(text, out var number) || number > long.MaxValue) return false;
        size = (long)number;
        return true;
    }
}
