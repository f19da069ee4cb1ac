using System.Text;
using MimeKit.Text;

namespace Broker.Inbox.Messages;

/// <summary>
/// The text of an HTML body: what stands between the tags, lines where blocks begin and end, no scripts and styles; and
/// the links with the words under them. Only the first <see cref="LongestHtml"/> characters are looked at, since each
/// attribute costs far more memory than its characters.
/// </summary>
internal sealed class HtmlText
{
    public const int LongestHtml = 256 * 1024;

    private static readonly HashSet<HtmlTagId> Blocks =
    [
        HtmlTagId.Address, HtmlTagId.Article, HtmlTagId.BlockQuote, HtmlTagId.Br, HtmlTagId.Center, HtmlTagId.DD,
        HtmlTagId.Div, HtmlTagId.DL, HtmlTagId.DT, HtmlTagId.Footer, HtmlTagId.H1, HtmlTagId.H2, HtmlTagId.H3,
        HtmlTagId.H4, HtmlTagId.H5, HtmlTagId.H6, HtmlTagId.Header, HtmlTagId.HR, HtmlTagId.LI, HtmlTagId.Main,
        HtmlTagId.OL, HtmlTagId.P, HtmlTagId.Pre, HtmlTagId.Section, HtmlTagId.Table, HtmlTagId.TD, HtmlTagId.TH,
        HtmlTagId.TR, HtmlTagId.UL,
    ];

    private readonly StringBuilder _text = new();
    private readonly StringBuilder _words = new();
    private readonly List<FoundLink> _links = [];
    private readonly int _mostLinks;
    private string? _open;
    private HtmlTagId _hidden = HtmlTagId.Unknown;

    private HtmlText(int mostLinks) => _mostLinks = mostLinks;

    public static (string Text, IReadOnlyList<FoundLink> Links) Of(string html, int mostLinks)
    {
        var found = new HtmlText(mostLinks);
        using var reader = new StringReader(html.Length > LongestHtml ? html[..LongestHtml] : html);
        var tokens = new HtmlTokenizer(reader) { DecodeCharacterReferences = true };
        while (tokens.ReadNextToken(out var token))
        {
            if (token is HtmlTagToken tag) found.Read(tag);
            if (token is HtmlDataToken { Kind: HtmlTokenKind.Data or HtmlTokenKind.CData } data) found.Add(data.Data);
        }

        found.EndLink();
        return (Tidy(found._text.ToString()), found._links);
    }

    private void Read(HtmlTagToken tag)
    {
        if (_hidden != HtmlTagId.Unknown)
        {
            if (tag.IsEndTag && tag.Id == _hidden) _hidden = HtmlTagId.Unknown;
            return;
        }

        if (tag.Id is HtmlTagId.Style or HtmlTagId.Script or HtmlTagId.Title && !tag.IsEndTag && !tag.IsEmptyElement)
            _hidden = tag.Id;
        if (Blocks.Contains(tag.Id)) _text.Append('\n');
        if (tag.Id != HtmlTagId.A) return;
        EndLink();
        if (!tag.IsEndTag) _open = tag.Attributes.FirstOrDefault(one => one.Id == HtmlAttributeId.Href)?.Value;
    }

    private void Add(string data)
    {
        if (_hidden != HtmlTagId.Unknown) return;
        foreach (var c in data) _text.Append(char.IsWhiteSpace(c) ? ' ' : c);
        if (_open is not null && _words.Length < FoundLink.LongestWords)
            _words.Append(data.AsSpan(0, Math.Min(data.Length, FoundLink.LongestWords)));
    }

    private void EndLink()
    {
        if (_open is not null && _links.Count < _mostLinks && FoundLink.Of(_open, _words.ToString()) is { } link)
            _links.Add(link);
        _open = null;
        _words.Clear();
    }

    /// <summary>No blanks beside others or at the ends of lines, and at most one empty line at a time.</summary>
    private static string Tidy(string text)
    {
        var tidy = new StringBuilder(text.Length);
        var empty = 1;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var start = tidy.Length;
            foreach (var c in text.AsSpan()[range].Trim())
            {
                if (c != ' ' || tidy[^1] != ' ') tidy.Append(c);
            }

            empty = tidy.Length == start ? empty + 1 : 0;
            if (empty < 2) tidy.Append('\n');
        }

        return tidy.ToString().TrimEnd();
    }
}
