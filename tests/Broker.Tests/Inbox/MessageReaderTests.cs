using System.Text;
using Broker.Inbox.Messages;

namespace Broker.Tests.Inbox;

/// <summary>What is found in ordinary mail.</summary>
public sealed class MessageReaderTests
{
    [Theory]
    [InlineData("Your verification code is 483921.", "483921")]
    [InlineData("Use 4711 as your PIN", "4711")]
    [InlineData("OTP:\n\n   80012345\n\nvalid for 10 minutes", "80012345")]
    [InlineData("G-123456 is your Google verification code.", "123456")]
    [InlineData("Enter code A1B2C3 to go on", "A1B2C3")]
    [InlineData("Your login code: x7k9q2mz", "x7k9q2mz")]
    [InlineData("Ihr Sicherheitscode lautet 112233", "112233")]
    [InlineData("© 2026 Example. Your code: 55512. Ticket 9988 is not it, and neither is 2025.", "55512")]
    [InlineData("123456 is your code. We send mail for order 998877 too.", "123456")]
    [InlineData("The code is on https://example.org/?code=123456", null)]
    [InlineData("Order 123456 was shipped", null)]
    [InlineData("The code SECRET is a word, and 123 is short, and 123456789 long", null)]
    [InlineData("code: 12.5000 or 1,234567 or 10:3045 or a_123456", null)]
    [InlineData("", null)]
    public void Recognises_a_verification_code(string text, string? code) =>
        ReadText(text).VerificationCode.ShouldBe(code);

    [Fact]
    public void Recognises_a_code_that_only_the_subject_has() =>
        Read("Subject: 314159 is your verification code\r\n\r\nhello").VerificationCode.ShouldBe("314159");

    [Theory]
    [InlineData("See https://e.example/a. Then confirm: https://e.example/confirm/x!", "https://e.example/confirm/x")]
    [InlineData("Click to verify your address:\nhttps://e.example/abc\nhttps://e.example/unsubscribe?verify=1",
        "https://e.example/abc")]
    [InlineData("Sign in: https://example.org/magic?token=x", "https://example.org/magic?token=x")]
    [InlineData("News at https://example.org/news", null)]
    public void Recognises_a_verification_link(string text, string? link) =>
        ReadText(text).VerificationLink.ShouldBe(link);

    [Fact]
    public void Links_are_http_alone_each_once_without_what_ends_a_sentence()
    {
        var text = "(https://a.example/x) https://a.example/x, HTTP://B.example/(y) ftp://c.example "
            + "javascript:alert(1) <https://d.example/?q=1&r=2>. https:// http://[bad https://long.example/" + new string('l', 3000);

        ReadText(text).Links.ShouldBe(["https://a.example/x", "http://b.example/(y)", "https://d.example/?q=1&r=2"]);
    }

    [Fact]
    public void Links_are_bounded_in_number() =>
        ReadText(string.Join(' ', Enumerable.Range(0, 200).Select(i => $"https://a.example/{i}"))).Links.Count
            .ShouldBe(MessageReader.MostLinks);

    [Fact]
    public void The_text_of_html_has_no_markup_and_its_buttons_count_as_links()
    {
        var read = Read(
            "Content-Type: text/html; charset=utf-8\r\n\r\n"
            + "<html><head><title>t</title><style>p{color:red}</style></head>"
            + "<body><p>Hello&nbsp;&amp; welcome</p><script>alert('x')</script><div>Your code: <b>7788</b></div>"
            + "<a href=\"https://e.example/1?a=1&amp;b=2\">Confirm your address</a><a href='javascript:x'>no</a>"
            + "<a href='mailto:a@b'>no</a></body></html>");

        read.Text.ShouldBe("Hello & welcome\n\nYour code: 7788\nConfirm your addressnono");
        read.Links.ShouldBe(["https://e.example/1?a=1&b=2"]);
        read.VerificationLink.ShouldBe("https://e.example/1?a=1&b=2");
        read.VerificationCode.ShouldBe("7788");
    }

    [Fact]
    public void Plain_text_comes_before_html_and_the_links_of_both_are_told()
    {
        var read = Read(
            "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
            + "plain http://p.example/\r\n"
            + "--b\r\nContent-Type: text/html\r\n\r\n<p>rich <a href='http://h.example/'>x</a></p>\r\n--b--\r\n");

        read.Text.ShouldBe("plain http://p.example/");
        read.Links.ShouldBe(["http://h.example/", "http://p.example/"]);
    }

    [Fact]
    public void What_is_told_is_valid_text_without_control_characters()
    {
        var read = MessageReader.Read(
        [
            .. "From: Evil <a@b.example>\r\nSubject: a\u001bb\r\n"u8,
            .. "Content-Type: text/plain; charset=utf-8\r\n\r\nx"u8,
            0xff, 0xfe, 0x00, 0x1b, .. "y\r\n\tz"u8,
        ]).Value;

        read.Subject.ShouldBe("ab");
        read.From[0].Address.ShouldBe("a@b.example");
        read.Text.Any(c => char.IsControl(c) && c is not ('\n' or '\t')).ShouldBeFalse();
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(read.Text)).ShouldBe(read.Text);
        read.Text.ShouldEndWith("y\n\tz");
    }

    [Fact]
    public void A_long_text_is_cut_and_says_so()
    {
        var read = ReadText(new string('x', 300_000));

        read.Text.Length.ShouldBe(MessageReader.LongestText);
        read.IsCut.ShouldBeTrue();
    }

    [Fact]
    public void Attachments_are_not_text_and_a_mail_may_have_none()
    {
        var read = Read("Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n");

        read.Text.ShouldBe("");
        read.Date.ShouldBeNull();
        read.MessageId.ShouldBeNull();
        read.From.ShouldBeEmpty();
    }

    private static ReadMessage ReadText(string text) => Read($"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}");

    private static ReadMessage Read(string message) => MessageReader.Read(Encoding.UTF8.GetBytes(message)).Value;
}
