using System.Diagnostics.Metrics;
using Broker.Metrics;

namespace Broker.Inbox;

/// <summary>How often inbound mail was read.</summary>
internal sealed class InboxMetrics(Meter meter)
{
    private readonly Counter<long> _reads =
        meter.Counter("agentkeys_broker_inbox_reads_total", "Lists and messages of inbound mail answered.");

    private readonly Counter<long> _failed =
        meter.Counter("agentkeys_broker_inbox_reads_failed_total", "Reads of inbound mail that were refused or failed.");

    public IReadOnlyList<Instrument> All => [_reads, _failed];

    /// <summary>Counts one read of a known caller, and how it ended.</summary>
    public void Count(bool hasFailed) => (hasFailed ? _failed : _reads).Add(1);
}
