using System.Buffers;
using System.Text;

namespace Broker.Ledger.Postgres.Log;

/// <summary>
/// Texts as PostgreSQL can keep them. It has no U+0000 in a text, which an entry may have: one that a stranger sends
/// must not keep the entries beside it from being written. U+001B stands before what takes its place, and before
/// itself: <c>U+0000</c> is kept as <c>U+001B 0</c>, and <c>U+001B</c> as <c>U+001B 1</c>. Every other text is kept as
/// it is.
/// </summary>
internal static class StoredText
{
    private const char Escape = '\u001b';

    private static readonly SearchValues<char> Special = SearchValues.Create("\0\u001b");

    /// <summary>
    /// The text to keep. Half a surrogate pair becomes U+FFFD, as in the bytes that the tree hashes.
    /// </summary>
    public static string Of(string text)
    {
        if (text.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
            text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        return text.AsSpan().ContainsAny(Special)
            ? text.Replace("\u001b", "\u001b1", StringComparison.Ordinal)
                .Replace("\0", "\u001b0", StringComparison.Ordinal)
            : text;
    }

    /// <summary>The text that is kept so; what <see cref="Of"/> cannot have made is read as it stands.</summary>
    public static string Read(string stored)
    {
        if (!stored.Contains(Escape, StringComparison.Ordinal)) return stored;
        var text = new StringBuilder(stored.Length);
        for (var i = 0; i < stored.Length; i++)
        {
            var next = stored[i] == Escape && i + 1 < stored.Length ? stored[i + 1] : default;
            if (next is '0' or '1') i++;
            text.Append(next switch { '0' => '\0', '1' => Escape, _ => stored[i] });
        }

        return text.ToString();
    }
}
