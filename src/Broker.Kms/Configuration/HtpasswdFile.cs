using System.Text.RegularExpressions;

namespace Broker.Kms.Configuration;

/// <summary>
/// Operators with passwords, as <c>htpasswd -B</c> writes them: <c>name:$2y$…</c> on a line each, blank lines and lines
/// that begin with <c>#</c> left out. Only bcrypt is taken (<c>$2a$</c>, <c>$2b$</c>, <c>$2y$</c>): the file's other
/// forms are guessed at millions a second.
/// </summary>
public sealed partial class HtpasswdFile
{
    /// <summary>Verified where no user has the name, so that the time says nothing about which names exist.</summary>
    private const string NobodysHash = "$2b$10$abcdefghijklmnopqrstuudnObZRlkudh8K.7s88gW6D/oVF.EjxO";

    private const int MaxUsers = 1000;

    private readonly Dictionary<string, string> _hashes;

    private HtpasswdFile(Dictionary<string, string> hashes) => _hashes = hashes;

    /// <summary>No operator at all.</summary>
    public static HtpasswdFile Empty { get; } = new([]);

    public bool HasUsers => _hashes.Count > 0;

    /// <exception cref="FormatException">A line is not of the form above, or a name stands twice.</exception>
    public static HtpasswdFile Parse(string text)
    {
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.TrimEnd('\r');
            if (line.Length == 0 || line[0] == '#') continue;
            var match = Line().Match(line);
            if (!match.Success)
                throw new FormatException($"line {number} must be NAME:$2y$…, as htpasswd -B writes it, cost 4 to 15");
            if (!hashes.TryAdd(match.Groups["name"].Value, match.Groups["hash"].Value))
                throw new FormatException($"line {number} names a user for the second time");
        }

        return hashes.Count is > 0 and <= MaxUsers
            ? new HtpasswdFile(hashes)
            : throw new FormatException($"must hold between 1 and {MaxUsers} users");
    }

    /// <summary>Whether the password is the user's. Takes as long for a name that is not there.</summary>
    public bool Matches(string name, string password)
    {
        var isKnown = _hashes.TryGetValue(name, out var hash);
        return BCrypt.Net.BCrypt.Verify(password, isKnown ? hash : NobodysHash) && isKnown;
    }

    [GeneratedRegex(
        @"\A(?<name>[^:\p{Cc}]{1,255}):(?<hash>\$2[aby]\$(0[4-9]|1[0-5])\$[./A-Za-z0-9]{53})\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Line();
}
