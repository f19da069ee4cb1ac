using System.Globalization;
using System.Net;

namespace Broker.Configuration;

/// <summary>
/// The readers of settings' values. Each throws <see cref="FormatException"/> with a reason fit for an operator.
/// </summary>
internal static partial class SettingForms
{
    /// <summary>How the form of a path and of a switch is told.</summary>
    public const string PathForm = "a path; ~/ is the home directory";
    public const string TrueOrFalse = "true or false";

    public static Func<string, string> Text(int longest) => value =>
        value.Length <= longest && !value.Any(char.IsControl)
            ? value
            : throw new FormatException($"must be at most {longest} printable characters");

    /// <summary>
    /// <c>true</c> and <c>false</c>, nothing else: a switch that is misspelt must not be off in silence.
    /// </summary>
    public static bool Switch(string value) => value switch
    {
        "true" => true,
        "false" => false,
        _ => throw new FormatException("must be true or false"),
    };

    public static Func<string, int> Whole(string name, int low, int high) => value =>
    {
        if (!int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            throw new FormatException("could not be parsed as a whole number");
        return number >= low && number <= high
            ? number
            : throw new FormatException($"{name} must be between {low} and {high}, got {number}");
    };

    public static Func<string, TimeSpan> Seconds(string name, int low, int high)
    {
        var whole = Whole(name, low, high);
        return value => TimeSpan.FromSeconds(whole(value));
    }

    public static Func<string, string> OneOf(params string[] words) => value =>
        words.Contains(value, StringComparer.Ordinal)
            ? value
            : throw new FormatException($"must be one of {string.Join(", ", words)}");

    /// <summary>One of these words, each for a value.</summary>
    public static Func<string, T> Choice<T>(params (string Word, T Value)[] choices) => value =>
        Array.FindIndex(choices, choice => choice.Word == value) is >= 0 and var found
            ? choices[found].Value
            : throw new FormatException($"must be one of {string.Join(", ", choices.Select(choice => choice.Word))}");

    public static string[] List(string value) =>
        value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

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
