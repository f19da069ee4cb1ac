using System.Text;

namespace Broker.Foundation;

/// <summary>
/// What may be shown of things that others wrote. Texts of foreign servers are never handed on; an address is shown
/// without what could be a secret in it.
/// </summary>
public static class ForeignText
{
    /// <summary>
    /// The address without user info, query and fragment: <c>https://user:pw@host:8/p?token=x</c> gives
    /// <c>https://host:8/p</c>. Something that does not parse as an absolute address gives <c>(not an address)</c>.
    /// </summary>
    public static string Address(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) ? Address(uri) : "(not an address)";

    /// <summary>The address without user info, query and fragment.</summary>
    public static string Address(Uri address) => address.IsAbsoluteUri
        ? address.GetComponents(
            (UriComponents.SchemeAndServer | UriComponents.Path) & ~UriComponents.UserInfo, UriFormat.UriEscaped)
        : "(not an address)";

    /// <summary>
    /// A text that should hold addresses, without what could be a secret in it: user info, query and fragment are cut
    /// out by their signs, so that an address that does not parse hides them too. More is cut rather than less.
    /// </summary>
    public static string WithoutSecrets(string text)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var host = text.LastIndexOf('@');
        if (host >= 0) text = (scheme >= 0 && scheme < host ? text[..(scheme + 3)] : "") + text[(host + 1)..];
        var end = text.AsSpan().IndexOfAny('?', '#');
        return end < 0 ? text : text[..end];
    }

    /// <summary>
    /// What a request to <paramref name="address"/> tells its server that others must not read: user info and the
    /// values of the query. For <see cref="Excerpt(string, int, ReadOnlySpan{string})"/>.
    /// </summary>
    public static string[] SecretsOf(Uri address)
    {
        if (!address.IsAbsoluteUri) return [];
        var values = address.Query.TrimStart('?').Split('&').Select(pair => pair[(pair.IndexOf('=') + 1)..]);
        return
        [
            .. address.UserInfo.Split(':').Concat(values)
                .SelectMany(value => new[] { value, Uri.UnescapeDataString(value) })
                .Where(value => value.Length > 0).Distinct(StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// For the log at debug level only, not for answers and not for the ledger: at most <paramref name="most"/>
    /// characters, control characters as <c>?</c>, and <c>[…]</c> in place of every secret of <paramref name="sent"/>
    /// and of what looks like one.
    /// </summary>
    /// <param name="text">Written by somebody else.</param>
    /// <param name="most">How much of it is looked at.</param>
    /// <param name="sent">Tokens and passwords that we sent, which an answer may repeat.</param>
    public static string Excerpt(string text, int most = 400, params ReadOnlySpan<string> sent)
    {
        // A secret that begins in the excerpt is found whole, also where it goes on behind it.
        var window = text[..Math.Min(text.Length, most + Longest(sent))];
        Span<bool> blank = new bool[Math.Min(text.Length, most)];
        ForeignSecrets.Mark(window, sent, blank);
        var excerpt = new StringBuilder(blank.Length);
        for (var i = 0; i < blank.Length; i++)
        {
            if (!blank[i]) excerpt.Append(char.IsControl(text[i]) ? '?' : text[i]);
            else if (i == 0 || !blank[i - 1]) excerpt.Append("[…]");
        }

        return excerpt.ToString();
    }

    /// <summary>The excerpt of a body, read as UTF-8.</summary>
    public static string Excerpt(ReadOnlySpan<byte> body, params ReadOnlySpan<string> sent)
    {
        const int mostBytesOfACharacter = 4;
        const int most = 400;
        var read = Math.Min(body.Length, mostBytesOfACharacter * (most + Longest(sent)));
        return Excerpt(Encoding.UTF8.GetString(body[..read]), most, sent);
    }

    private static int Longest(ReadOnlySpan<string> sent)
    {
        var longest = 4096;
        foreach (var secret in sent)
        {
            foreach (var form in ForeignSecrets.FormsOf(secret)) longest = Math.Max(longest, form.Length);
        }

        return longest;
    }
}
