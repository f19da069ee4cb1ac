using System.Globalization;
using System.Text;

namespace Broker.Ledger.Merkle;

/// <summary>
/// Names a tile of the tree as C2SP tlog-tiles does: <c>&lt;level&gt;/&lt;number&gt;[.p/&lt;width&gt;]</c>, the number
/// in groups of three digits of which all but the last begin with <c>x</c>. Tile 1234067 of level 0 is
/// <c>0/x001/x234/067</c>; its first 112 hashes, while it is not full, are <c>0/x001/x234/067.p/112</c>.
/// </summary>
public readonly record struct TilePath(int Level, long Number, int Width)
{
    // Six groups number more tiles than a tree of 2⁶³−1 leaves has.
    private const int MaxGroups = 6;

    /// <summary>True when the tile has all its 256 hashes.</summary>
    public bool IsFull => Width == TileNodes.Width;

    /// <summary>
    /// Reads the path behind <c>tile/</c>; refuses any other spelling than the one of <see cref="ToString"/>.
    /// </summary>
    public static bool TryParse(string text, out TilePath path)
    {
        path = default;
        if (text.Length > 64) return false;
        var parts = text.Split('/');
        var width = TileNodes.Width;
        var last = parts.Length - 1;
        if (last >= 2 && parts[last - 1].EndsWith(".p", StringComparison.Ordinal))
        {
            if (!TryParseNumber(parts[last], out width) || width == 0) return false;
            parts = parts[..last];
            parts[^1] = parts[^1][..^2];
        }

        if (parts.Length is < 2 or > 1 + MaxGroups) return false;
        if (!TryParseNumber(parts[0], out var level) || level > 63) return false;
        long number = 0;
        for (var i = 1; i < parts.Length; i++)
        {
            var digits = parts[i].AsSpan();
            if (i < parts.Length - 1)
            {
                if (!digits.StartsWith("x")) return false;
                digits = digits[1..];
            }

            if (digits.Length != 3 || digits.ContainsAnyExceptInRange('0', '9')) return false;
            number = number * 1000 + int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        }

        var parsed = new TilePath(level, number, width);
        if (parsed.ToString() != text) return false;
        path = parsed;
        return true;
    }

    public override string ToString()
    {
        var groups = new StringBuilder($"{Number % 1000:d3}");
        for (var rest = Number / 1000; rest > 0; rest /= 1000) groups.Insert(0, $"x{rest % 1000:d3}/");
        return IsFull ? $"{Level}/{groups}" : $"{Level}/{groups}.p/{Width}";
    }

    /// <summary>True when a tree of this size has the tile, at this width.</summary>
    public bool IsIn(long treeSize)
    {
        if (Level > 7 || Number < 0 || Width is < 1 or > TileNodes.Width) return false;
        var hashes = treeSize >> (TileNodes.Height * Level);
        return Number < long.MaxValue / TileNodes.Width - 1 && Number * TileNodes.Width + Width <= hashes;
    }

    private static bool TryParseNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 0;
}
