using System.Text;
using Broker.Foundation.Results;
using MimeKit;

namespace Broker.Inbox.Messages;

/// <summary>
/// Takes a message apart, as strangers wrote it. What it costs is bounded before and while it is parsed
/// (<see cref="MessageBounds"/>); whatever cannot be read is a refusal, never an exception.
/// </summary>
internal static class MessageReader
{
    /// <summary>Characters of text that are told.</summary>
    public const int LongestText = 200_000;

    public const int MostLinks = 50;
    public const int MostMailboxes = 20;
    public const int LongestLine = 1000;

    /// <summary>MimeKit's options for mail from strangers.</summary>
    public static ParserOptions Options { get; } = Bounded();

    public static Result<ReadMessage> Read(byte[] bytes)
    {
        try
        {
            var fault = MessageBounds.FindFault(bytes) ?? MessageCensus.FindFault(bytes, Options);
            return fault is null ? Parse(bytes) : fault;
        }
        catch (Exception broken) when (broken is FormatException or ArgumentException or NotSupportedException
            or InvalidOperationException or IOException or DecoderFallbackException)
        {
            // The texts of these quote the message, so they are left out.
            return new Refusal(MessageRefusals.Unreadable, "the object cannot be read as a message (RFC 5322)");
        }
    }

    private static ReadMessage Parse(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes, writable: false);
        using var message = MimeMessage.Load(Options, stream, persistent: true);
        var subject = PlainText.LineOf(message.Subject, LongestLine);
        var (text, isCut, links) = MessageText.Of(message);
        return new ReadMessage(
            Mailboxes(message.From), Mailboxes(message.To), subject,
            message.Headers.Contains(HeaderId.Date) && message.Date != default ? message.Date : null,
            message.MessageId is { Length: > 0 } id ? PlainText.LineOf(id, LongestLine) : null,
            text, isCut, [.. links.Select(link => link.Address).Distinct(StringComparer.Ordinal).Take(MostLinks)],
            SignUpHints.CodeIn(subject, text), SignUpHints.LinkAmong(links));
    }

    private static Mailbox[] Mailboxes(InternetAddressList addresses) =>
    [
        .. addresses.Mailboxes.Take(MostMailboxes).Select(one =>
            new Mailbox(PlainText.LineOf(one.Name, LongestLine), PlainText.LineOf(one.Address, LongestLine))),
    ];

    private static ParserOptions Bounded()
    {
        var options = ParserOptions.Default.Clone();
        options.MaxMimeDepth = MessageBounds.Depth;
        options.MaxAddressGroupDepth = MessageBounds.AddressGroupDepth;
        return options;
    }
}
