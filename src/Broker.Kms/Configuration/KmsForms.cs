using System.Text;
using Broker.Attestation.GuestAgent;
using Broker.Foundation.Settings;

namespace Broker.Kms.Configuration;

/// <summary>
/// The forms that only settings of the KMS have: how each is told, and its reader. A reader throws
/// <see cref="FormatException"/> with a reason fit for an operator.
/// </summary>
internal static class KmsForms
{
    public const string Port = "0 to 65535; 0 lets the system choose";
    public const string Address = "an IP address";
    public const string Url = "http(s)://host[:port][/path]";
    public const string Words = "at most 256 printable characters";
    public const string Agent = "unix:/path of at most 107 bytes, or http(s)://host[:port]";
    public const string Program = "an absolute path or a bare name";
    public const string Domain = "a DNS name of at most 253 characters";
    public const string HostNames = "comma list of host names without port, or *";
    public const string Token = "at least 32 characters";
    public const string Sha256 = "64 hex digits";

    private const int LongestToken = 4096;
    private const int LongestHtpasswd = 1 << 20;

    public static string ReadWords(string value) => SettingForms.Text(256)(value);

    /// <summary>Neither PATH nor the working directory may decide what runs, so a relative path is refused.</summary>
    public static string ReadProgram(string value) =>
        Path.IsPathFullyQualified(value) || Path.GetFileName(value) == value
            ? value
            : throw new FormatException("must be an absolute path or a bare name");

    public static GuestAgentAddress ReadAgent(string value)
    {
        var address = GuestAgentAddress.Parse(value);
        if (!address.Succeeded) throw new FormatException(address.Error);

        // The system's own bound for the name of a socket (unix(7)).
        return address.Value.SocketPath is not { } path || Encoding.UTF8.GetByteCount(path) <= 107
            ? address.Value
            : throw new FormatException("must name a socket by a path of at most 107 bytes");
    }

    public static string ReadDomain(string value) =>
        DomainName.Fault(value) is { } fault ? throw new FormatException(fault) : value;

    public static string[] ReadHostNames(string value)
    {
        var names = SettingForms.List(value);
        return Array.TrueForAll(names, name => name == "*" || DomainName.Fault(name) is null)
            ? names
            : throw new FormatException("must be host names without port, separated by commas, or *");
    }

    /// <summary>What an operator proves to be one with; too long to be guessed.</summary>
    public static string ReadToken(string value)
    {
        const int least = 32;
        var token = value.Trim();
        return token.Length >= least
            ? token
            : throw new FormatException($"must have at least {least} characters; make one with: openssl rand -hex 32");
    }

    public static string ReadTokenFile(string path) => ReadToken(SecretFile.ReadText(path, LongestToken));

    public static HtpasswdFile ReadHtpasswdFile(string path) =>
        HtpasswdFile.Parse(SecretFile.ReadText(path, LongestHtpasswd));

    public static string ReadSha256(string value) => value.Length == 64 && value.All(char.IsAsciiHexDigit)
        ? value.ToLowerInvariant()
        : throw new FormatException("must be 64 hex digits: the SHA-256 of the token");
}
