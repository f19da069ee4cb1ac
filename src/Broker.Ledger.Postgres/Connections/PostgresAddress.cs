using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Broker.Ledger.Postgres.Connections;

/// <summary>
/// Where a PostgreSQL database is and who connects to it: <c>postgres://user@host:port/database</c>. The host is a
/// name, an IPv4 address, an IPv6 address in brackets, or the folder of a unix socket with its slashes as <c>%2F</c>
/// (libpq's form). The port may be left out, and is 5432 then.
/// </summary>
/// <remarks>It holds no password and cannot: a text that has one is refused, and is not repeated.</remarks>
public sealed record PostgresAddress
{
    /// <summary>How the form is told.</summary>
    public const string Form = "postgres://user@host:port/database";

    /// <summary>The longest text that is read.</summary>
    public const int MaxLength = 512;

    private const string Scheme = "postgres://";
    private const string EncodedSlash = "%2F";
    private const int UsualPort = 5432;

    // PostgreSQL cuts longer names short without an error (NAMEDATALEN), so that they would name something else.
    private const int LongestName = 63;

    // The folder and the socket's own name in it have to fit into sun_path (unix(7)).
    private const int LongestFolder = 80;

    private PostgresAddress(string user, string host, int port, string database) =>
        (User, Host, Port, Database) = (user, host, port, database);

    public string User { get; }

    /// <summary>A name, an IP address without brackets, or the absolute path of a folder.</summary>
    public string Host { get; }

    public int Port { get; }

    public string Database { get; }

    /// <summary>The host is the folder of a unix socket.</summary>
    public bool IsUnixSocket => Host[0] == '/';

    /// <summary>The connection does not leave this machine: a unix socket, or a loopback address.</summary>
    public bool IsLocal => IsUnixSocket || Host == "localhost"
        || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Reads the text form; nothing else than <see cref="Form"/> is taken.</summary>
    /// <exception cref="FormatException">Why not, and what to do; holds nothing of a password.</exception>
    public static PostgresAddress Parse(string text)
    {
        if (text.Length > MaxLength) throw Wrong($"is longer than {MaxLength} characters");
        if (!text.StartsWith(Scheme, StringComparison.Ordinal)) throw Wrong($"does not begin with {Scheme}");
        var rest = text.AsSpan(Scheme.Length);
        if (rest.ContainsAny('?', '#')) throw Wrong("has options; each has a setting of its own");
        var at = rest.LastIndexOf('@');
        if (at < 0) throw Wrong("names no user");
        if (rest[..at].Contains(':'))
        {
            throw new FormatException(
                "must not hold a password: put it alone into a file with mode 0600, name that file beside the address, "
                + $"and write {Form} here");
        }

        var user = Name(rest[..at], "user");
        rest = rest[(at + 1)..];
        var slash = rest.IndexOf('/');
        if (slash < 0) throw Wrong("names no database");
        var database = Name(rest[(slash + 1)..], "database");
        var (host, port) = Place(rest[..slash]);
        return new PostgresAddress(user, host, port, database);
    }

    /// <summary>The text form; fit for logs.</summary>
    public override string ToString()
    {
        var host = IsUnixSocket ? Host.Replace("/", EncodedSlash, StringComparison.Ordinal)
            : Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        return $"{Scheme}{User}@{host}:{Port.ToString(CultureInfo.InvariantCulture)}/{Database}";
    }

    private static (string Host, int Port) Place(ReadOnlySpan<char> text)
    {
        var end = text.StartsWith("[") ? text.IndexOf(']') + 1 : text.IndexOf(':') is >= 0 and var colon ? colon
            : text.Length;
        var port = text[end..];
        return (HostOf(text[..end]), port.IsEmpty ? UsualPort : PortOf(port));
    }

    private static string HostOf(ReadOnlySpan<char> text)
    {
        var host = text.ToString();
        if (host.StartsWith(EncodedSlash, StringComparison.OrdinalIgnoreCase)) return FolderOf(host);
        if (host is ['[', .. var inner, ']'])
        {
            return inner.Contains(':', StringComparison.Ordinal) && !inner.Contains('%', StringComparison.Ordinal)
                && IPAddress.TryParse(inner, out var six) && six.AddressFamily == AddressFamily.InterNetworkV6
                ? six.ToString()
                : throw Wrong("has no IPv6 address in its brackets");
        }

        return IsName(host) ? host : throw Wrong("names no host");
    }

    // Of the spellings of an address that the framework takes (a number, hexadecimal, octal) the usual one is enough;
    // what ends in a number is no name (WHATWG URL, "ends in a number").
    private static bool IsName(string host)
    {
        if (host.Length is 0 or > 253) return false;
        if (IPAddress.TryParse(host, out var four))
            return four.AddressFamily == AddressFamily.InterNetwork && four.ToString() == host;
        var labels = host.Split('.');
        foreach (var label in labels)
        {
            var isLabel = label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-'
                && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
            if (!isLabel) return false;
        }

        return !labels[^1].All(char.IsAsciiDigit);
    }

    private static string FolderOf(string text)
    {
        var folder = text.Replace(EncodedSlash, "/", StringComparison.OrdinalIgnoreCase);
        return folder.Length <= LongestFolder
            && folder.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-')
            ? folder
            : throw Wrong($"names no folder of a unix socket: letters, digits, '.', '_', '-' and {EncodedSlash}, "
                + $"at most {LongestFolder} in all");
    }

    private static int PortOf(ReadOnlySpan<char> text)
    {
        var digits = text[1..];
        return text[0] == ':' && digits.Length is > 0 and <= 5 && !digits.ContainsAnyExceptInRange('0', '9')
            && digits[0] != '0'
            && int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture) is var port and <= ushort.MaxValue
            ? port
            : throw Wrong("has no port from 1 to 65535");
    }

    private static string Name(ReadOnlySpan<char> text, string what)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.'))
                throw Wrong($"has a {what} with other characters than letters, digits, '_', '-' and '.'");
        }

        return text.Length is > 0 and <= LongestName
            ? text.ToString()
            : throw Wrong($"has no {what} of 1 to {LongestName} characters");
    }

    private static FormatException Wrong(string what) => new($"must be {Form}; it {what}");
}
