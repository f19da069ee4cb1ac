using System.Security.Cryptography;

namespace Broker.OAuth.Device;

/// <summary>
/// What a person reads on a device and types elsewhere, such as <c>WDJB-MJHT</c> (RFC 8628 §6.1): eight of twenty
/// letters. Vowels are left out, so that no word comes of them, and so is what looks like something else.
/// </summary>
internal static class UserCode
{
    private const string Letters = "BCDFGHJKLMNPQRSTVWXZ";
    private const int Half = 4;

    /// <summary>As people write it at most.</summary>
    private const int Longest = 32;

    public static string New() =>
        $"{RandomNumberGenerator.GetString(Letters, Half)}-{RandomNumberGenerator.GetString(Letters, Half)}";

    /// <summary>In the form that we show, however a person wrote it; null for what is no code of ours.</summary>
    public static string? Read(string written)
    {
        if (written.Length > Longest) return null;
        var letters = string.Concat(written.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        return letters.Length == 2 * Half && letters.All(Letters.Contains)
            ? $"{letters[..Half]}-{letters[Half..]}"
            : null;
    }
}
