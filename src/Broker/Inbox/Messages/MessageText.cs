using MimeKit;

namespace Broker.Inbox.Messages;

/// <summary>The text of a message, and the links of both its forms.</summary>
internal static class MessageText
{
    private const int MostLinks = 2 * MessageReader.MostLinks;

    /// <returns>The text, whether more was there, and the links: the HTML's first, since they have words.</returns>
    public static (string Text, bool IsCut, IReadOnlyList<FoundLink> Links) Of(MimeMessage message)
    {
        var plain = message.TextBody;
        var html = message.HtmlBody;
        var (shown, links) = html is null ? ("", []) : HtmlText.Of(html, MostLinks);
        var whole = string.IsNullOrWhiteSpace(plain) ? shown : plain;
        var text = PlainText.Of(whole, MessageReader.LongestText);
        var isCut = whole.Length > MessageReader.LongestText
            || (ReferenceEquals(whole, shown) && html?.Length > HtmlText.LongestHtml);
        return (text.Trim(), isCut, [.. links, .. TextLinks.In(text).Take(MostLinks)]);
    }
}
