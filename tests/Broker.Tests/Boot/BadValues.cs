using System.Globalization;
using System.Text.RegularExpressions;

namespace Broker.Tests.Boot;

/// <summary>
/// Bad values of each kind that a setting's stated form allows: of another form, beyond its bounds, a path that cannot
/// be used. A setting whose form is of no kind here needs values of its own.
/// </summary>
internal static partial class BadValues
{
    private const string TwoLines = "/tmp/two\nlines";

    public static IReadOnlyList<string> OfForm(string form) => form switch
    {
        "true or false" => ["yes", "TRUE", "on", "2"],
        _ when form.StartsWith("a path", StringComparison.Ordinal) => [TwoLines, "/etc/passwd/x", "/proc/nope/x"],
        _ when form.StartsWith("path of a file", StringComparison.Ordinal) => ["/no/such/file", "/etc/passwd", "/etc"],
        _ when form.StartsWith("comma-separated paths", StringComparison.Ordinal) => [TwoLines, "/etc/passwd", "/no/such/folder"],
        _ when form.StartsWith("http(s)://", StringComparison.Ordinal) =>
            ["host.example.test", "ftp://host.example.test", "https://", "https://two words", "//host.example.test"],
        _ when form.StartsWith("unix:", StringComparison.Ordinal) =>
            ["/run/agent.sock", "tcp://127.0.0.1", $"unix:/{new string('a', 107)}"],
        _ when form.StartsWith("an IP address", StringComparison.Ordinal) =>
            ["everywhere", "127.0.0.1:80", "300.0.0.1", "127.0.0.1/8"],
        _ when form.StartsWith("arn:", StringComparison.Ordinal) =>
        [
            "agentkeys-data-role", "arn:aws:iam::123:role/x", "arn:aws:iam::1234567890123:role/x",
            "arn:aws:iam::123456789012:user/x", "arn:aws:iam::123456789012:role/", "arn:aws:s3:::bucket",
            $"arn:aws:iam::123456789012:role/{new string('x', 2048)}",
        ],
        _ when form.StartsWith("a bucket name", StringComparison.Ordinal) =>
        [
            "a..b", "ab", "UPPER", "under_score", "-abc", "abc-", ".abc", "abc.", "a.-b", "192.168.1.1", "xn--abc",
            "slash/ed", new string('a', 64), "999.168.1.1", "sthree-abc", "amzn-s3-demo-abc", "abc-s3alias",
            "abc--ol-s3", "abc.mrap", "abc--usw2-az1--x-s3", "abc--table-s3", "ümlaut", "a b", "abc\n",
        ],
        _ when form.StartsWith("a region name", StringComparison.Ordinal) =>
            ["a b", "us-east-1\n", "-us", "us-", "us.east", "us/east", new string('a', 33)],
        _ when form.StartsWith("a number with ms, s, m or h", StringComparison.Ordinal) =>
            ["0", "0s", "25h", "-1s", "1d", "soon", "1.5h", "99999999999999h"],
        _ when form.StartsWith("at most 256 printable", StringComparison.Ordinal) =>
            ["two\nlines", new string('a', 257)],
        _ when form.StartsWith("a DNS name", StringComparison.Ordinal) =>
            ["two words", "a..b", "-a.example", $"{new string('a', 64)}.example", "kms.example:8000"],
        _ when form.StartsWith("levels such as", StringComparison.Ordinal) =>
            ["4", "firmware=3", "snp=256", "snp=-1", "snp=1,snp=2", "snp=1 microcode=2", "snp=", "snp=1,"],
        _ when Range().Match(form) is { Success: true } range => OfRange(range),
        _ => [],
    };

    private static string[] OfRange(Match range)
    {
        var (low, high) = (Number(range.Groups[1]), Number(range.Groups[2]));
        return [$"{low - 1}", $"{high + 1}", "soon", $"{low}.5", $" {low}", $"{low}d"];
    }

    private static long Number(Group group) => long.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("^([0-9]+) to ([0-9]+)(?![0-9]| characters)")]
    private static partial Regex Range();
}
