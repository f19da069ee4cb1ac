using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;

namespace Broker.SignIn.Email;

/// <summary>
/// How many mails one client may ask for in a minute, one mailbox gets in an hour, and leave in a minute in all
/// (contract §2.18). The client's limit comes first, so that who has spent it spends no mailbox's.
/// </summary>
internal sealed class EmailLimits(EmailSignInOptions options, TimeProvider time)
{
    private readonly RateWindows _mailboxes = new(time);
    private readonly RateWindows _clients = new(time, RateWindows.Minute);
    private readonly RateWindows _looks = new(time, RateWindows.Minute);
    private readonly RateWindows _total = new(time, RateWindows.Minute);

    /// <summary>The keys that are held now, of all limits together.</summary>
    public int Count => _mailboxes.Count + _clients.Count + _looks.Count + _total.Count;

    /// <summary>Null when a mail may be sent.</summary>
    public Refusal? TakeMail(string clientAddress, EmailAddress mailbox) =>
        Refuse(_clients.Take(clientAddress, options.PerClient), "too many sign-in mails for this client")
        ?? Refuse(_mailboxes.Take(mailbox.ToString(), options.PerMailbox), "too many sign-in mails for this mailbox")
        ?? Refuse(_total.Take("", options.Total), "too many sign-in mails in all");

    /// <summary>A mail that could not be sent is not counted against its mailbox; its client did ask for it.</summary>
    public void GiveBack(EmailAddress mailbox) => _mailboxes.GiveBack(mailbox.ToString());

    /// <summary>Null when a link may be looked at.</summary>
    public Refusal? TakeLook(string clientAddress) =>
        Refuse(_looks.Take(clientAddress, options.PerClient), "too many looks at links from this client");

    private static Refusal? Refuse(TimeSpan? wait, string why) =>
        wait is null ? null : new Refusal(EmailRefusals.EmailRateLimited, why) { RetryAfter = wait };
}
