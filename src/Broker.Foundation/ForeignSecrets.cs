using System.Text.Json;
using System.Text.RegularExpressions;

namespace Broker.Foundation;

/// <summary>Finds in a foreign text what could be a secret: what we sent ourselves, and what looks like one.</summary>
internal static class ForeignSecrets
{
    /// <summary>
    /// Tokens, what follows the scheme of an <c>Authorization</c>, user info and queries of addresses, values with a
    /// telling name, and private keys in PEM. The engine takes linear time, whoever wrote the text.
    /// </summary>
    private static readonly Regex Telling = new(
        """
        eyJ[\w-]+\.[\w-]+(\.[\w-]*)*
        |\b(bearer|basic)\s+[^\s",;]+
        |://[^\s/"'<>]*@
        |\?[^\s"'<>=]*=[^\s"'<>]*
        |\b(\w*(passw|pwd|secret|token|api_?key|credential|signature)\w*)"?\s*[:=]\s*"?[^\s",;&}]{8,}
        |-----BEGIN\ [A-Z0-9\ ]*PRIVATE\ KEY-----[^-]*
        """,
        RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
        | RegexOptions.IgnorePatternWhitespace);

    /// <summary>Marks in <paramref name="blank"/> which characters of <paramref name="text"/> are not shown.</summary>
    public static void Mark(string text, ReadOnlySpan<string> sent, Span<bool> blank)
    {
        foreach (var found in Telling.EnumerateMatches(text)) Mark(blank, found.Index, found.Length);
        foreach (var secret in sent)
        {
            foreach (var form in FormsOf(secret))
            {
                for (var at = text.IndexOf(form, StringComparison.OrdinalIgnoreCase); at >= 0;
                    at = text.IndexOf(form, at + 1, StringComparison.OrdinalIgnoreCase))
                {
                    Mark(blank, at, form.Length);
                }
            }
        }
    }

    /// <summary>As it is, in an address, and in JSON.</summary>
    public static IEnumerable<string> FormsOf(string secret) =>
        secret.Length == 0
            ? []
            : new[] { secret, Uri.EscapeDataString(secret), JsonEncodedText.Encode(secret).Value }
                .Distinct(StringComparer.Ordinal);

    private static void Mark(Span<bool> blank, int from, int length)
    {
        if (from < blank.Length) blank[from..Math.Min(from + length, blank.Length)].Fill(true);
    }
}
