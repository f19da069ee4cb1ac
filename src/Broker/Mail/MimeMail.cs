using Broker.Identity;
using MimeKit;
using MimeKit.Utils;

namespace Broker.Mail;

/// <summary>A mail as it goes over the wire: text and HTML of the same content, the richer one last (RFC 2046 §5.1.4).
/// </summary>
internal static class MimeMail
{
    /// <summary>RFC 3834 §5: nobody's out-of-office answers it.</summary>
    public static readonly (string Name, string Value) AutoSubmitted = ("Auto-Submitted", "auto-generated");

    public static MimeMessage Of(OutgoingMail mail, EmailAddress from, DateTimeOffset now)
    {
        var message = new MimeMessage
        {
            Subject = mail.Subject,
            Date = now,
            MessageId = MimeUtils.GenerateMessageId(from.Domain),
            Body = new MultipartAlternative
            {
                new TextPart("plain") { Text = mail.Text },
                new TextPart("html") { Text = mail.Html },
            },
        };
        message.From.Add(Mailbox(from));
        message.To.Add(Mailbox(mail.To));
        message.Headers.Add(AutoSubmitted.Name, AutoSubmitted.Value);
        return message;
    }

    /// <summary>Made of its parts, not parsed: no text of a caller's becomes a header by itself.</summary>
    private static MailboxAddress Mailbox(EmailAddress address) => new("", address.ToString());
}
