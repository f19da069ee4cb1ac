using System.Text;

namespace Broker.Tests.Inbox;

/// <summary>Messages that are made to cost: by parts, headers, nesting, lines, encodings.</summary>
internal static class HostileMails
{
    /// <summary>By name; the large ones are cut where a reader stops reading.</summary>
    public static readonly IReadOnlyDictionary<string, Func<byte[]>> All = new Dictionary<string, Func<byte[]>>
    {
        ["a hundred thousand parts"] = () => Parts(100_000),
        ["a hundred thousand parts within parts"] = () => Bytes(Header("multipart/mixed; boundary=a")
            + string.Concat(Enumerable.Repeat("--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n", 100_000))),
        ["as many parts as may be"] = () => Parts(490),
        ["a header of ten megabytes"] = () => Bytes("Subject: " + new string('x', 10_000_000) + "\r\n\r\nbody"),
        ["a hundred thousand headers"] = () => Bytes(Repeat("X: y\r\n", 100_000) + "\r\nbody"),
        ["a hundred thousand headers of a part"] = () => Bytes(Header("multipart/mixed; boundary=a") + "--a\r\n"
            + Repeat("X: y\r\n", 100_000) + "\r\nbody\r\n--a--\r\n"),
        ["a hundred thousand headers of a message within"] = () => Bytes(Header("message/rfc822")
            + Repeat("X: y\r\n", 100_000) + "\r\nbody"),
        ["multiparts nested ten thousand deep"] = () => Nested(
            10_000, i => $"multipart/mixed; boundary=b{i}", i => $"--b{i}\r\n"),
        ["messages nested ten thousand deep"] = () => Nested(10_000, _ => "message/rfc822", _ => ""),
        ["address groups nested ten thousand deep"] = () => Bytes("To: " + Repeat("g:", 10_000) + ";\r\n\r\nbody"),
        ["an address list of a whole header"] = () => Bytes("To: " + Repeat("a@b,", 16_000) + "\r\n\r\nbody"),
        ["comments nested in a date"] = () => Bytes("Date: " + new string('(', 60_000) + "\r\n\r\nbody"),
        ["encoded words without end"] = () => Bytes("Subject: " + Repeat("=?utf-8?b?//8=?= ", 3_600) + "\r\n\r\nbody"),
        ["parameters of a content type without end"] = () => Bytes(
            Header("text/plain" + string.Concat(Enumerable.Range(0, 5_000).Select(i => $"; a*{i}=b"))) + "body"),
        ["a line of ten megabytes"] = () => Bytes(Header("text/plain") + new string('x', 10_000_000)),
        ["a line of a megabyte"] = () => Bytes(Header("text/plain") + new string('x', 1_000_000)),
        ["a header without end"] = () => Bytes("Subject: hello\r\n" + Repeat(" folded\r\n", 100_000)),
        ["a short header without end"] = () => Bytes("Subject: hello"),
        ["zero bytes"] = () => new byte[1_000_000],
        ["nothing"] = () => [],
        ["noise"] = Noise,
        ["a charset that does not exist"] = () => Bytes(
            Header("text/plain; charset=x-klingon-8") + "\u00e9 code 123456"),
        ["a charset that is not allowed"] = () => Bytes(Header("text/plain; charset=utf-7") + "+AGE-"),
        ["base64 that is broken"] = () => Bytes("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + Repeat("=A=*\u0001", 200_000)),
        ["quoted-printable that is broken"] = () => Bytes(
            "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
            + Repeat("=Z=\r\n=", 160_000)),
        ["uuencode that is broken"] = () => Bytes(
            "Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\r\n"
            + Repeat("~", 1_000_000)),
        ["an encoding that does not exist"] = () => Bytes(
            "Content-Type: text/plain\r\nContent-Transfer-Encoding: rot13\r\n\r\nuryyb"),
        ["a tag with half a million attributes"] = () => Bytes(
            Header("text/html") + "<a " + Repeat("b ", 500_000) + ">x</a>"),
        ["half a million tags"] = () => Bytes(Header("text/html") + Repeat("<b>", 340_000)),
        ["entities without end"] = () => Bytes(Header("text/html") + Repeat("&notit;", 140_000)),
        ["a comment without end"] = () => Bytes(Header("text/html") + "<!--" + Repeat("-", 1_000_000)),
        ["fifty thousand links"] = () => Bytes(Header("text/plain") + Repeat("http://a.bc/d ", 70_000)),
        ["one endless link"] = () => Bytes(Header("text/plain") + "http://" + new string('a', 1_000_000)),
        ["fifty thousand codes"] = () => Bytes(Header("text/plain") + Repeat("code 123456 ", 80_000)),
        ["letters that might be a code"] = () => Bytes(Header("text/plain") + Repeat("codecode", 120_000)),
        ["boundaries in a text without parts"] = () => Bytes(Header("text/plain") + Repeat("--\r\n", 250_000)),
        ["mbox markers"] = () => Bytes(Repeat("From x\r\n", 100_000)),
    };

    private static byte[] Parts(int count) => Bytes(
        Header("multipart/mixed; boundary=a") + Repeat("--a\r\n\r\nx\r\n", count) + "--a--\r\n");

    private static byte[] Nested(int depth, Func<int, string> type, Func<int, string> before)
    {
        var text = new StringBuilder();
        for (var i = 0; i < depth; i++) text.Append(Header(type(i))).Append(before(i));
        return Bytes(text.ToString() + Header("text/plain") + "innermost code 123456");
    }

    private static byte[] Noise()
    {
        var bytes = new byte[1_000_000];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private static string Header(string type) => $"Content-Type: {type}\r\n\r\n";

    private static string Repeat(string text, int count) => new StringBuilder().Insert(0, text, count).ToString();

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
