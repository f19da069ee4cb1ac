using System.Diagnostics.Metrics;
using System.Globalization;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Grants;
using Broker.Identity;
using Broker.Inbox.Routing;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Mail;
using Broker.Mail.Ses;
using Broker.Metrics;
using Broker.Releases;

namespace Broker.EmailService;

/// <summary>A mail on its way to the ledger. Recipients and content are there as hashes.</summary>
internal sealed record SentMail(
    RecordId RecordId, DateTimeOffset At, VerifiedCaller Caller, SesMessage Message, string RequestId) : IRelease
{
    public const string RequestedRole = "email";

    public static readonly EntryKind Kind = new("email_sent") { SpendsBudget = true };

    public LedgerEntry ToEntry() => new()
    {
        RecordId = RecordId,
        MintedAt = At,
        Kind = Kind,
        Outcome = LedgerOutcome.Ok,
        RequestedRole = RequestedRole,
        Actor = Caller.OnRecord,
        Bearer = Caller.BearerHash,
        Subject = Message.From.ToString(),
        RequestId = RequestId,
        Evidence = EntryEvidence.Of(
            ("content", Sha256Digest.Of($"{Message.Subject}\n{Message.Text}\n{Message.Html}").ToString()),
            ("recipients", Message.To.Count.ToString(CultureInfo.InvariantCulture)),
            ("to", Sha256Digest.Of(string.Join(',', Message.To)).ToString())),
    };
}

/// <summary>What SES took, and the entry that says so.</summary>
internal sealed record SentReceipt(string MessageId, string RecordId);

/// <summary>
/// Sends an actor's mail from an address of its own: one whose inbound mail is routed to its wallet. On record, then
/// sent; what SES then refuses has a second entry, the refusal.
/// </summary>
internal sealed class SendOwnMail(
    SesMailSender ses, EmailServiceOptions options, MailOptions mail, MintBudget budget, IPathPolicyStore policies,
    ReleaseLedger ledger, TimeProvider time, Meter meter)
{
    /// <summary>Mails that SES took.</summary>
    public Counter<long> Sent { get; } =
        meter.Counter("agentkeys_broker_emails_sent_total", "Mails of actors that SES took.");

    /// <exception cref="LedgerUnavailableException">The ledger does not hold it; nothing was sent.</exception>
    public async Task<Result<SentReceipt>> RunAsync(VerifiedCaller caller, SesMessage message, string requestId)
    {
        if (caller.Workload is not null || caller.Derivation is not null)
        {
            return new Refusal(
                EmailServiceRefusals.NotForPrograms, "the session is a workload's, or was exchanged for another one");
        }

        if (!IsOwn(caller, message.From))
            return new Refusal(EmailServiceRefusals.NotOwnAddress, "from is not an address of the session's wallet");
        if (PathPolicyCheck.RefusalOf(caller, policies) is { } suspended) return suspended;
        if (budget.Take(caller.Actor) is { } spent) return spent;

        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var recorded = await ledger.RecordAsync(
            new SentMail(RecordId.New(now), now, caller, message, requestId), CancellationToken.None);
        using var limit = new CancellationTokenSource(mail.Timeout);
        try
        {
            var sent = await ses.SendAsync(recorded.Redeem().Message, limit.Token);
            if (sent.Refusal is { } refusal) return refusal;
            Sent.Add(1);
            return new SentReceipt(sent.Value, recorded.Receipt.RecordId);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return new Refusal(MailRefusals.NotSent, "the mail's sender did not answer in time");
        }
    }

    private bool IsOwn(VerifiedCaller caller, EmailAddress from) =>
        caller.Wallet is { } wallet && from.Domain == options.Domain
        && RoutedMail.WalletOf(from.ToString()) == wallet.ToString();
}
