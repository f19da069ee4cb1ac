using Broker.Foundation.Results;

namespace Broker.Mail;

/// <summary>The network edge to whoever carries mail away.</summary>
internal interface IMailSender
{
    /// <summary>
    /// Null when the mail was accepted, and also when only its recipient was refused: whether a mailbox exists is told
    /// to nobody. A refusal is a fault of the sender or of its set-up; it never names the recipient.
    /// </summary>
    Task<Refusal?> SendAsync(OutgoingMail outgoing, CancellationToken stop);
}
