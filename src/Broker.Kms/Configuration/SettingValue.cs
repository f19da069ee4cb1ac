using System.Globalization;
using System.Net;
using Broker.Attestation.GuestAgent;

namespace Broker.Kms.Configuration;

/// <summary>
/// Reads the texts of settings. Each throws <see cref="FormatException"/> that names the accepted form.
/// </summary>
internal static class SettingValue
{
    public static bool Switch(string text) => text switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw new FormatException("must be true or false"),
    };

    public static int Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535
            ? port
            : throw new FormatException("must be a port number from 0 to 65535");

    public static IPAddress Address(string text) =>
        IPAddress.TryParse(text, out var address) ? address : throw new FormatException("must be an IP address");

    public static string HttpUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? text
            : throw new FormatException("must be an http:// or https:// URL");

    /// <summary>Neither PATH nor the working directory may decide what runs, so a relative path is refused.</summary>
    public static string Program(string text) => Path.IsPathFullyQualified(text) || Path.GetFileName(text) == text
        ? text
        : throw new FormatException("must be an absolute path or a bare name");

    public static GuestAgentAddress AgentOf(string text)
    {
        var address = GuestAgentAddress.Parse(text);
        if (!address.Succeeded) throw new FormatException(address.Error);

        // The system's own bound for the name of a socket (unix(7)).
        return address.Value.SocketPath is not { } path || System.Text.Encoding.UTF8.GetByteCount(path) <= 107
            ? address.Value
            : throw new FormatException("must name a socket by a path of at most 107 bytes");
    }

    public static string FilePath(string text) => text.Length <= 4095 && !text.Any(char.IsControl)
        ? text
        : throw new FormatException("must be a path of at most 4095 characters without control characters");

    public static string Words(string text) => text.Length <= 256 && !text.Any(char.IsControl)
        ? text
        : throw new FormatException("must be at most 256 printable characters");

    public static string Domain(string text) =>
        DomainName.Fault(text) is { } fault ? throw new FormatException(fault) : text;

    /// <summary>
    /// A number with a unit: <c>500ms</c>, <c>90s</c>, <c>2m</c>, <c>1h</c>; a bare number is seconds.
    /// </summary>
    public static TimeSpan Duration(string text)
    {
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9') is var end && end < 0 ? text.Length : end;
        var isNumber = int.TryParse(
            text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        TimeSpan? duration = text[digits..] switch
        {
            "ms" => TimeSpan.FromMilliseconds(number),
            "" or "s" => TimeSpan.FromSeconds(number),
            "m" => TimeSpan.FromMinutes(number),
            "h" => TimeSpan.FromHours(number),
            _ => null,
        };
        return isNumber && duration > TimeSpan.Zero && duration <= TimeSpan.FromHours(24)
            ? duration.Value
            : throw new FormatException("must be a duration above zero such as 500ms, 90s or 2m, at most 24h");
    }

    public static string FileText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"must name a readable file: {unreadable.Message}");
        }
    }

    /// <summary>The text of a file that nobody but its owner may read or change.</summary>
    public static string SecretFileText(string path)
    {
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite
            | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        try
        {
            if ((File.GetUnixFileMode(path) & others) != 0)
                throw new FormatException("holds a secret that others can read; give it the mode 0600");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"must name a readable file: {unreadable.Message}");
        }

        return FileText(path);
    }

    /// <summary>What an operator proves to be one with; too long to be guessed.</summary>
    public static string OperatorToken(string text)
    {
        const int least = 32;
        var token = text.Trim();
        return token.Length >= least
            ? token
            : throw new FormatException($"must have at least {least} characters; make one with: openssl rand -hex 32");
    }

    public static IReadOnlyList<string> HostNames(string text)
    {
        var names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return names.All(name => name == "*" || DomainName.Fault(name) is null)
            ? names
            : throw new FormatException("must be host names without port, separated by commas, or *");
    }

    public static string Sha256Hex(string text) =>
        text.Length is 0 or 64 && text.All(char.IsAsciiHexDigit)
            ? text.ToLowerInvariant()
            : throw new FormatException("must be 64 hex digits: the SHA-256 of the token");

    public static AuthApiType AuthApi(string text) => text switch
    {
        "webhook" => AuthApiType.Webhook,
        "dev" => AuthApiType.Dev,
        _ => throw new FormatException("must be webhook or dev"),
    };
}
