using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Broker.Identity;

/// <summary>
/// A mailbox as identities and envelopes have it (contract §7.1): trimmed, in lower case, at most 254 characters of
/// ASCII. The part before the <c>@</c> is RFC 5321's Dot-string of at most 64 characters; the part behind it is a host
/// name. No white space, quote, bracket or control character is in it, so it cannot end a header or begin another.
/// </summary>
internal sealed record EmailAddress
{
    /// <summary>RFC 5321 §4.5.3.1.3: 256 with the angle brackets.</summary>
    public const int Longest = 254;

    /// <summary>How the form is told.</summary>
    public const string Form = "an e-mail address, name@host";

    private const int LongestName = 64;
    private const int LongestLabel = 63;

    /// <summary>RFC 5321 §4.1.2: <c>atext</c>, in lower case.</summary>
    private static readonly SearchValues<char> Atoms =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~");

    private static readonly SearchValues<char> Labels = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    private readonly string _text;

    private EmailAddress(string text) => _text = text;

    /// <summary>The host's name.</summary>
    public string Domain => _text[(_text.IndexOf('@') + 1)..];

    public static bool TryParse(string? text, [NotNullWhen(true)] out EmailAddress? address)
    {
        address = null;
        // White space around it is cut off before the length counts, but not without end.
        if (text is null || text.Length > 2 * Longest) return false;
        var value = text.Trim().ToLowerInvariant();
        var at = value.IndexOf('@');
        if (value.Length > Longest || at is < 1 or > LongestName) return false;
        if (!IsDotted(value.AsSpan(..at), Atoms, LongestName) || !IsHost(value.AsSpan(at + 1))) return false;
        address = new EmailAddress(value);
        return true;
    }

    /// <summary>For settings.</summary>
    /// <exception cref="FormatException">It is not an address.</exception>
    public static EmailAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"must be {Form}, in ASCII");

    public override string ToString() => _text;

    private static bool IsHost(ReadOnlySpan<char> host)
    {
        if (!IsDotted(host, Labels, LongestLabel)) return false;
        foreach (var label in host.Split('.'))
        {
            if (host[label][0] == '-' || host[label][^1] == '-') return false;
        }

        return true;
    }

    private static bool IsDotted(ReadOnlySpan<char> text, SearchValues<char> characters, int longest)
    {
        foreach (var part in text.Split('.'))
        {
            var letters = text[part];
            if (letters.Length == 0 || letters.Length > longest || letters.ContainsAnyExcept(characters)) return false;
        }

        return true;
    }
}
