using System.Text;
using Broker.Http;
using Broker.Metrics;
using Broker.Modules;

namespace Broker.Operations;

/// <summary>
/// <c>GET /metrics</c> (contract §2.4) in the Prometheus text format: what the modules count. 404 unless
/// <c>BROKER_METRICS_ENABLED=true</c>.
/// </summary>
internal static class MetricsRoute
{
    public static void Map(WebApplication app)
    {
        if (!app.Services.GetRequiredService<OperationsOptions>().MetricsEnabled) return;
        var modules = app.Services.GetRequiredService<IReadOnlyList<BrokerModule>>();
        IMetric[] metrics = [.. modules.SelectMany(module => module.Metrics(app.Services))];
        app.MapGet("/metrics", () => TypedResults.Text(Write(metrics), "text/plain; version=0.0.4"))
            .WithName("metrics").WithSummary("Counters and histograms for Prometheus").ProducesText();
    }

    private static string Write(IMetric[] metrics)
    {
        var text = new StringBuilder(4096);
        foreach (var metric in metrics) metric.Append(text);
        return text.ToString();
    }
}
