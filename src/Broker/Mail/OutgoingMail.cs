using Broker.Identity;

namespace Broker.Mail;

/// <summary>One mail to one mailbox, as text and as HTML.</summary>
internal sealed record OutgoingMail(EmailAddress To, string Subject, string Text, string Html);
