using System.Globalization;
using System.Text;
using Broker.Configuration;
using Broker.Http;
using Broker.Ledger;
using Broker.Ledger.Anchors;
using Broker.Ledger.Refusals;

namespace Broker.Operations;

/// <summary>
/// <c>GET /metrics</c> (contract §2.4) in the Prometheus text format; 404 unless <c>BROKER_METRICS_ENABLED=true</c>.
/// </summary>
internal static class MetricsRoute
{
    public static void Map(IEndpointRouteBuilder routes, BrokerOptions options)
    {
        if (!options.Operations.MetricsEnabled) return;
        routes.MapGet(
            "/metrics",
            (BrokerMetrics metrics, ReleaseLedger ledger, DiskReserve disk, RefusalRecorder refusals) =>
                TypedResults.Text(
                    PrometheusText.Write(metrics, ledger.Status, ledger.AnchorStatus, disk, refusals.Counted),
                    "text/plain; version=0.0.4"))
            .WithName("metrics").WithSummary("Counters and histograms for Prometheus").ProducesText();
    }
}

/// <summary>Prometheus exposition format 0.0.4.</summary>
internal static class PrometheusText
{
    public static string Write(
        BrokerMetrics metrics, LedgerStatus ledger, AnchorStatus? anchor, DiskReserve disk, long refusalsCounted)
    {
        var text = new StringBuilder(4096);
        Counter[] counters =
        [
            metrics.Mints, metrics.MintsFailed, metrics.Authentications, metrics.AuthenticationsUnauthorized,
            metrics.AuthenticationsRateLimited, metrics.AuthenticationsOther, metrics.IdempotencyHits,
            metrics.IdempotencyConflicts,
        ];
        foreach (var counter in counters) Append(text, counter.Name, counter.Help, "counter", counter.Value);
        Append(text, "agentkeys_broker_audit_writes_total", "Commits of the ledger.", "counter", ledger.Commits);
        Append(text, "agentkeys_broker_audit_writes_failed_total", "Commits of the ledger that failed.", "counter",
            ledger.Failures);
        Append(text, "agentkeys_broker_ledger_entries", "Entries in the ledger.", "gauge", ledger.Size);
        Append(text, "agentkeys_broker_ledger_queue_depth", "Entries that wait for the disk.", "gauge",
            ledger.QueueDepth);
        Append(text, "agentkeys_broker_ledger_queue_capacity", "Entries that may wait.", "gauge", ledger.QueueCapacity);
        Append(text, "agentkeys_broker_refusals_counted_total",
            "Refusals beyond what is recorded one by one; the ledger has their sum.", "counter", refusalsCounted);
        Append(text, "agentkeys_broker_disk_free_bytes", "Free on the ledger's volume.", "gauge", disk.Free);
        Append(text, "agentkeys_broker_disk_reserve_bytes",
            "Kept for releases, revocations and sign-outs.", "gauge", disk.Bytes);
        if (anchor is not null)
        {
            Append(text, "agentkeys_broker_anchor_behind", "Entries that the second anchor is not known to hold.",
                "gauge", anchor.Behind);
            Append(text, "agentkeys_broker_anchor_quarantined", "Entries set aside for an operator.", "gauge",
                anchor.Quarantined);
        }

        Append(text, metrics.OidcTokenSeconds);
        Append(text, metrics.AwsCredentialsSeconds);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string name, string help, string type, long value)
    {
        Head(text, name, help, type);
        text.Append(name).Append(' ').Append(value).Append('\n');
    }

    private static void Append(StringBuilder text, Histogram histogram)
    {
        Head(text, histogram.Name, histogram.Help, "histogram");
        var total = 0L;
        foreach (var (count, bucket) in histogram.Counts.Select((count, bucket) => (count, bucket)))
        {
            total += count;
            var bound = bucket < Histogram.Bounds.Length
                ? Histogram.Bounds[bucket].ToString(CultureInfo.InvariantCulture)
                : "+Inf";
            text.Append(histogram.Name).Append("_bucket{le=\"").Append(bound).Append("\"} ").Append(total).Append('\n');
        }

        var sum = histogram.SumSeconds.ToString("R", CultureInfo.InvariantCulture);
        text.Append(histogram.Name).Append("_sum ").Append(sum).Append('\n');
        text.Append(histogram.Name).Append("_count ").Append(total).Append('\n');
    }

    private static void Head(StringBuilder text, string name, string help, string type) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(help)
            .Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
}
