namespace Broker.Inbox.Messages;

/// <summary>What is told of a message. Every text is valid Unicode without control characters, and short.</summary>
/// <param name="Date">As the sender claims; null where there is none.</param>
/// <param name="Text">Of <c>text/plain</c>, else of the HTML without its markup; empty where there is neither.</param>
/// <param name="Links">Addresses of <c>http</c> and <c>https</c> in their order, each once.</param>
/// <param name="VerificationCode">Null where none is recognised.</param>
/// <param name="VerificationLink">One of the links; null where none is recognised.</param>
internal sealed record ReadMessage(
    IReadOnlyList<Mailbox> From, IReadOnlyList<Mailbox> To, string Subject, DateTimeOffset? Date, string? MessageId,
    string Text, bool IsCut, IReadOnlyList<string> Links, string? VerificationCode, string? VerificationLink);

/// <summary>An address of a header, as the sender wrote it: nobody has verified it.</summary>
internal sealed record Mailbox(string Name, string Address);
