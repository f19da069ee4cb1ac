using System.Net;

namespace Broker.OAuth.Clients;

/// <summary>
/// Where answers of the authorization endpoint go: compared character by character (RFC 9700 §2.1), but for the port
/// of a loopback address, which a program on the person's own machine takes as it comes (RFC 8252 §7.3).
/// </summary>
internal static class RedirectUris
{
    private const int Longest = 2048;

    /// <summary>
    /// True for <c>https</c>, for <c>http</c> to loopback, and for a scheme of the client's own, which has a dot
    /// (RFC 8252 §7.1); never with a fragment.
    /// </summary>
    public static bool IsAcceptable(string uri) =>
        uri.Length <= Longest && !uri.AsSpan().ContainsAnyExceptInRange('!', '~') && !uri.Contains('#')
        && Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed.UserInfo.Length == 0
        && (parsed.Scheme == Uri.UriSchemeHttps
            || (parsed.Scheme == Uri.UriSchemeHttp && IsLoopback(parsed))
            || parsed.Scheme.Contains('.'));

    public static bool IsOneOf(IEnumerable<string> registered, string asked) =>
        IsAcceptable(asked) && registered.Any(one => one == asked || IsSameButForThePort(one, asked));

    public static bool IsLoopback(string uri) =>
        Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && IsLoopback(parsed);

    private static bool IsSameButForThePort(string registered, string asked)
    {
        if (!Uri.TryCreate(registered, UriKind.Absolute, out var known)
            || !Uri.TryCreate(asked, UriKind.Absolute, out var wanted)
            || known.Scheme != Uri.UriSchemeHttp || wanted.Scheme != Uri.UriSchemeHttp
            || !IsLoopback(known) || known.Host != wanted.Host)
            return false;

        // What follows the authority is compared as it is written.
        return known.Port == wanted.Port ? registered == asked : AfterAuthority(registered) == AfterAuthority(asked);
    }

    private static bool IsLoopback(Uri uri) =>
        uri.Host == "localhost" || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address)
            && IPAddress.IsLoopback(address));

    private static string AfterAuthority(string uri)
    {
        var begin = uri.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = uri.AsSpan(begin).IndexOfAny('/', '?');
        return end < 0 ? "" : uri[(begin + end)..];
    }
}
