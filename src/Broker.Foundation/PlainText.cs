using System.Globalization;
using System.Text;

namespace Broker.Foundation;

/// <summary>Text of a stranger that people are shown: one line, of characters that are seen.</summary>
public static class PlainText
{
    /// <summary>
    /// True for 1 to <paramref name="longest"/> UTF-16 code units that are all seen, or spaces between them. Control
    /// characters, line ends, and characters that hide or turn the text around are none of them (Unicode's categories
    /// C and Z).
    /// </summary>
    public static bool IsPlain(string text, int longest)
    {
        if (text.Length == 0 || text.Length > longest || char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]))
            return false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value != ' ' && IsUnseen(Rune.GetUnicodeCategory(rune))) return false;
        }

        return !text.Contains('\uFFFD');
    }

    private static bool IsUnseen(UnicodeCategory category) => category
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator;
}
