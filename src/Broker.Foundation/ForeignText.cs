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
    /// For the log at debug level only: at most <paramref name="most"/> characters, control characters as <c>?</c>. Not
    /// for answers and not for the ledger.
    /// </summary>
    public static string Excerpt(string text, int most = 400)
    {
        var excerpt = new StringBuilder(Math.Min(text.Length, most));
        foreach (var character in text.AsSpan(0, Math.Min(text.Length, most)))
            excerpt.Append(char.IsControl(character) ? '?' : character);
        return excerpt.ToString();
    }
}
