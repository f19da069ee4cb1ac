using System.Text;
using Broker.Inbox.Messages;
using Broker.Inbox.Routing;

namespace Broker.Fuzz.Targets;

/// <summary>
/// Messages from strangers: whatever is read of one is bounded, fit to be shown, and its links are http; the router
/// finds a wallet or none.
/// </summary>
internal sealed class InboundMailTarget : IFuzzTarget
{
    private const string Alternative =
        "From: \"A\" <a@example.org>\r\nTo: g: or-0x7b168987797ef0c8da9fade558f1bf154e6e0426-1@b.example;\r\n"
        + "Subject: =?utf-8?q?code_=E2=9C=93?=\r\nDate: Mon, 04 May 2026 10:00:00 +0200\r\n"
        + "Content-Type: multipart/alternative; boundary=\"b\"\r\n\r\npreamble\r\n--b\r\n"
        + "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        + "Your code is 123456=\r\n or https://example.org/confirm=3Fa=3Db.\r\n--b\r\n"
        + "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + "PHA+PGEgaHJlZj0iaHR0cHM6Ly9leGFtcGxlLm9yZy8xP2E9MSZhbXA7Yj0yIj5Db25maXJtPC9hPjwvcD4=\r\n--b--\r\n";

    private const string Nested =
        "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: message/rfc822\r\n\r\n"
        + "Subject: inner\r\nContent-Type: multipart/digest; boundary=c\r\n\r\n--c\r\n\r\nSubject: x\r\n\r\n"
        + "y\r\n--c--\r\n--a\r\nContent-Type: text/html; charset=utf-16\r\n\r\n"
        + "<style>x</style><p>a<br>b&amp;c<!-- d --></p>\r\n--a--\r\n";

    private const string Flowed =
        "Content-Type: text/plain; format=flowed; delsp=yes; charset*=us-ascii''utf-8\r\n\r\n"
        + "> quoted \r\n> more\r\n\r\n-- \r\nsig";

    public string Name => "inbound-mail";

    public int Weight => 4;

    public IEnumerable<byte[]> Seeds() =>
        [Encoding.UTF8.GetBytes(Alternative), Encoding.UTF8.GetBytes(Nested), Encoding.UTF8.GetBytes(Flowed)];

    public void Execute(byte[] input)
    {
        if (RoutedMail.WalletOf(input) is { Length: not 42 }) throw new FuzzFindingException("is no wallet");
        if (MessageReader.Read(input) is not { IsRefused: false } read) return;
        var message = read.Value;
        if (message.Text.Length > MessageReader.LongestText || message.Links.Count > MessageReader.MostLinks)
            throw new FuzzFindingException("is beyond its bounds");
        if (message.Links.Any(link => !link.StartsWith("http", StringComparison.Ordinal)))
            throw new FuzzFindingException("a link is not http");
        if (message.VerificationCode is { Length: < 4 or > 8 }) throw new FuzzFindingException("is no code");
        foreach (var text in (string[])[message.Subject, message.Text, message.MessageId ?? "", .. message.Links])
        {
            if (text.Any(c => char.IsControl(c) && c is not ('\n' or '\t'))
                || Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) != text)
                throw new FuzzFindingException("is not fit to be shown");
        }
    }

    public long AllocationBound(int inputLength) => (4 * 1024 * 1024) + (256L * inputLength);
}
