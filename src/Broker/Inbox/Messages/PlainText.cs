using System.Text;

namespace Broker.Inbox.Messages;

/// <summary>Makes foreign text fit to be shown: valid Unicode, no control characters but line feed and tab.</summary>
internal static class PlainText
{
    /// <summary>At most <paramref name="most"/> characters of it; a pair of surrogates is not torn.</summary>
    public static string Of(string? text, int most)
    {
        if (string.IsNullOrEmpty(text)) return "";
        var shown = new StringBuilder(Math.Min(text.Length, most));
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length + rune.Utf16SequenceLength > most) break;
            if (rune.Value is '\r' || (Rune.IsControl(rune) && rune.Value is not ('\n' or '\t'))) continue;
            shown.Append(rune.ToString());
        }

        return shown.ToString();
    }

    /// <summary>On one line: white space of any kind is one blank.</summary>
    public static string LineOf(string? text, int most)
    {
        var shown = Of(text, most);
        return string.Join(' ', shown.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}
