using System.Net;

namespace Broker.Foundation.Settings;

/// <content>Addresses and paths.</content>
public static partial class SettingForms
{
    /// <summary>How the form of a path is told.</summary>
    public const string PathForm = "a path; ~/ is the home directory";

    public static IPAddress Address(string value) => value == "localhost" ? IPAddress.Loopback
        : IPAddress.TryParse(value, out var address) ? address
        : throw new FormatException("must be an IP address such as 127.0.0.1, 0.0.0.0 or ::1");

    /// <summary>An absolute http or https address without query or fragment.</summary>
    public static Uri HttpUrl(string value) =>
        HasOnlyAddressCharacters(value)
            && Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            && url.Query.Length == 0 && url.Fragment.Length == 0 && url.UserInfo.Length == 0
            ? url
            : throw new FormatException("must be an http:// or https:// address without user, query or fragment");

    /// <summary>
    /// An absolute http or https address as it is written, for it may be a template; query and user are the operator's.
    /// </summary>
    public static string HttpUrlText(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? value
            : throw new FormatException("must be an http:// or https:// URL");

    // The framework's reader cuts white space off, takes a backslash for a slash, and does not tell an empty query,
    // fragment or user from none.
    private static bool HasOnlyAddressCharacters(string value)
    {
        var start = value.IndexOf("://", StringComparison.Ordinal);
        if (start < 0 || value.Any(c => c is <= ' ' or '\\' or '?' or '#' or '\u007f')) return false;
        var authority = value.AsSpan(start + 3);
        var end = authority.IndexOf('/');
        return !(end < 0 ? authority : authority[..end]).Contains('@');
    }

    /// <summary>An absolute path; a leading <c>~/</c> is the home directory, as a shell would have it.</summary>
    public static string FilePath(string value)
    {
        if (value.StartsWith("~/", StringComparison.Ordinal)) value = Path.Combine(HomeDirectory, value[2..]);
        if (value.Any(char.IsControl)) throw new FormatException("must be a path without control characters");
        if (value.Length > 4095) throw new FormatException("must be a path of at most 4095 characters");
        return Path.GetFullPath(value);
    }

    /// <summary><c>HOME</c>, or the current folder where the process has none (contract §6.3).</summary>
    public static string HomeDirectory =>
        Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? home : Directory.GetCurrentDirectory();
}
