using System.Diagnostics.Metrics;
using Broker.Metrics;

namespace Broker.Mail;

/// <summary>What became of mails.</summary>
internal sealed class MailMetrics(Meter meter)
{
    /// <summary>Those that the sender accepted.</summary>
    public Counter<long> Sent { get; } =
        meter.Counter("agentkeys_broker_mails_sent_total", "Mails that their sender accepted.");

    /// <summary>Those that the sender refused, or did not accept in time.</summary>
    public Counter<long> Refused { get; } = meter.Counter(
        "agentkeys_broker_mails_refused_total", "Mails that their sender refused or did not accept in time.");

    /// <summary>Those whose mailbox gets no mail.</summary>
    public Counter<long> Suppressed { get; } = meter.Counter(
        "agentkeys_broker_mails_suppressed_total", "Mails not sent, for their mailbox had bounced or complained.");

    public IReadOnlyList<Instrument> All => [Sent, Refused, Suppressed];
}
