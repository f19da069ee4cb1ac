using System.Buffers;

namespace Broker.SignIn.Wallet;

/// <summary>
/// The rules that EIP-4361 takes from RFC 3986 (appendix A), as yes or no over a whole text. The framework's
/// <see cref="Uri"/> accepts and repairs much that the grammar does not know, and a signed text must not be repaired.
/// </summary>
internal static class SiweGrammar
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string Digits = "0123456789";
    private const string Unreserved = Letters + Digits + "-._~";
    private const string GeneralDelimiters = ":/?#[]@";
    private const string SubDelimiters = "!$&'()*+,;=";

    private static readonly SearchValues<char> Alphanumeric = SearchValues.Create(Letters + Digits);
    private static readonly SearchValues<char> SchemeTail = SearchValues.Create(Letters + Digits + "+-.");
    private static readonly SearchValues<char> RegisteredName = SearchValues.Create(Unreserved + SubDelimiters);
    private static readonly SearchValues<char> UserInfo = SearchValues.Create(Unreserved + SubDelimiters + ":");
    private static readonly SearchValues<char> PathSegment = SearchValues.Create(Unreserved + SubDelimiters + ":@");
    private static readonly SearchValues<char> Path = SearchValues.Create(Unreserved + SubDelimiters + ":@/");
    private static readonly SearchValues<char> QueryOrFragment =
        SearchValues.Create(Unreserved + SubDelimiters + ":@/?");

    private static readonly SearchValues<char> StatementText =
        SearchValues.Create(Unreserved + SubDelimiters + GeneralDelimiters + " ");

    /// <summary><c>scheme ":" hier-part [ "?" query ] [ "#" fragment ]</c>.</summary>
    public static bool IsUri(ReadOnlySpan<char> text)
    {
        var colon = text.IndexOf(':');
        if (colon < 0 || !IsScheme(text[..colon])) return false;
        var rest = text[(colon + 1)..];
        if (!TryCut(ref rest, '#', QueryOrFragment) || !TryCut(ref rest, '?', QueryOrFragment)) return false;
        if (!rest.StartsWith("//", StringComparison.Ordinal)) return IsEncoded(rest, Path);

        rest = rest[2..];
        var slash = rest.IndexOf('/');
        var path = slash < 0 ? [] : rest[slash..];
        return IsAuthority(slash < 0 ? rest : rest[..slash]) && IsEncoded(path, Path);
    }

    /// <summary>A letter, then letters, digits, plus, minus and point.</summary>
    public static bool IsScheme(ReadOnlySpan<char> text) =>
        text.Length > 0 && char.IsAsciiLetter(text[0]) && !text.ContainsAnyExcept(SchemeTail);

    /// <summary><c>[ userinfo "@" ] host [ ":" port ]</c>; the empty text is one.</summary>
    public static bool IsAuthority(ReadOnlySpan<char> text)
    {
        var at = text.IndexOf('@');
        if (at >= 0 && !IsEncoded(text[..at], UserInfo)) return false;
        var host = text[(at + 1)..];
        if (host.StartsWith('['))
        {
            var end = host.IndexOf(']');
            return end > 0 && IsIpLiteral(host[1..end]) && IsPortPart(host[(end + 1)..]);
        }

        var colon = host.IndexOf(':');
        if (colon < 0) return IsEncoded(host, RegisteredName);
        return IsEncoded(host[..colon], RegisteredName) && IsPortPart(host[colon..]);
    }

    /// <summary>
    /// <c>1*( reserved / unreserved / " " )</c>: no percent sign, no quotation mark, nothing beyond ASCII.
    /// </summary>
    public static bool IsStatement(ReadOnlySpan<char> text) =>
        text.Length > 0 && !text.ContainsAnyExcept(StatementText);

    /// <summary><c>8*( ALPHA / DIGIT )</c>.</summary>
    public static bool IsNonce(ReadOnlySpan<char> text) => text.Length >= 8 && !text.ContainsAnyExcept(Alphanumeric);

    /// <summary><c>*pchar</c>.</summary>
    public static bool IsRequestId(ReadOnlySpan<char> text) => IsEncoded(text, PathSegment);

    /// <summary>Cuts off what follows the first mark; false when that is not made of the allowed characters.</summary>
    private static bool TryCut(ref ReadOnlySpan<char> rest, char mark, SearchValues<char> allowed)
    {
        var at = rest.IndexOf(mark);
        if (at < 0) return true;
        var tail = rest[(at + 1)..];
        rest = rest[..at];
        return IsEncoded(tail, allowed);
    }

    /// <summary>Only allowed characters, and percent signs with two hex digits behind each.</summary>
    private static bool IsEncoded(ReadOnlySpan<char> text, SearchValues<char> allowed)
    {
        while (text.IndexOfAnyExcept(allowed) is var at and >= 0)
        {
            text = text[at..];
            if (text[0] != '%' || text.Length < 3) return false;
            if (!char.IsAsciiHexDigit(text[1]) || !char.IsAsciiHexDigit(text[2])) return false;
            text = text[3..];
        }

        return true;
    }

    private static bool IsPortPart(ReadOnlySpan<char> text) =>
        text.IsEmpty || (text[0] == ':' && !text[1..].ContainsAnyExceptInRange('0', '9'));

    private static bool IsIpLiteral(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text[0] is not ('v' or 'V')) return IsIpv6(text);
        var point = text.IndexOf('.');
        if (point < 2 || point == text.Length - 1) return false;
        foreach (var digit in text[1..point])
        {
            if (!char.IsAsciiHexDigit(digit)) return false;
        }

        return !text[(point + 1)..].ContainsAnyExcept(UserInfo);
    }

    /// <summary>Eight groups, or fewer around one <c>::</c>.</summary>
    private static bool IsIpv6(ReadOnlySpan<char> text)
    {
        var gap = text.IndexOf("::");
        if (gap < 0) return CountGroups(text, mayEndInIpv4: true) == 8;
        var before = CountGroups(text[..gap], mayEndInIpv4: false);
        var after = CountGroups(text[(gap + 2)..], mayEndInIpv4: true);
        return before >= 0 && after >= 0 && before + after <= 7;
    }

    /// <summary>
    /// The 16-bit groups between single colons, or -1; a dotted IPv4 address at the end counts as two.
    /// </summary>
    private static int CountGroups(ReadOnlySpan<char> text, bool mayEndInIpv4)
    {
        if (text.IsEmpty) return 0;
        var count = 0;
        foreach (var range in text.Split(':'))
        {
            var group = text[range];
            if (mayEndInIpv4 && range.End.Value == text.Length && IsIpv4(group)) return count + 2;
            if (group.Length is < 1 or > 4) return -1;
            foreach (var digit in group)
            {
                if (!char.IsAsciiHexDigit(digit)) return -1;
            }

            count++;
        }

        return count;
    }

    /// <summary>Four numbers up to 255 without leading zeros.</summary>
    private static bool IsIpv4(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var range in text.Split('.'))
        {
            var number = text[range];
            if (number.Length is < 1 or > 3 || number.ContainsAnyExceptInRange('0', '9')) return false;
            if ((number.Length > 1 && number[0] == '0') || int.Parse(number, null) > 255) return false;
            count++;
        }

        return count == 4;
    }
}
