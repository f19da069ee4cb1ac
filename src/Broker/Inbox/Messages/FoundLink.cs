using System.Text.RegularExpressions;

namespace Broker.Inbox.Messages;

/// <summary>A link and the words that go with it: those it is under in HTML, those before it in a text.</summary>
internal sealed record FoundLink(string Address, string Words)
{
    public const int Longest = 2048;
    public const int LongestWords = 200;

    /// <summary>The address in its normal form; null where it is not http or https, or too long.</summary>
    public static FoundLink? Of(string address, string words) =>
        address.Length <= Longest
        && Uri.TryCreate(address.Trim(), UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
        && uri.AbsoluteUri is { Length: <= Longest } normal
            ? new FoundLink(PlainText.LineOf(normal, Longest), PlainText.LineOf(words, LongestWords))
            : null;
}

/// <summary>Finds links in a text.</summary>
internal static partial class TextLinks
{
    private const string EndsSentence = ".,;:!?'\"*_]}>";

    public static IEnumerable<FoundLink> In(string text)
    {
        var last = 0;
        foreach (Match match in Address().Matches(text))
        {
            if (match.Length <= FoundLink.Longest)
            {
                var from = Math.Max(last, match.Index - FoundLink.LongestWords);
                if (FoundLink.Of(WithoutEnd(match.ValueSpan).ToString(), text[from..match.Index]) is { } link)
                    yield return link;
            }

            last = match.Index + match.Length;
        }
    }

    /// <summary>The text with a blank in the place of each address.</summary>
    public static string CutFrom(string text) => Address().Replace(text, " ");

    // What ends a sentence is not of the address; a closing bracket is where it has an opening one.
    private static ReadOnlySpan<char> WithoutEnd(ReadOnlySpan<char> address)
    {
        while (!address.IsEmpty
            && (EndsSentence.Contains(address[^1], StringComparison.Ordinal)
                || (address[^1] == ')' && !address.Contains('('))))
        {
            address = address[..^1];
        }

        return address;
    }

    [GeneratedRegex(@"\bhttps?://[^\s<>""]+", RegexOptions.IgnoreCase)]
    private static partial Regex Address();
}
