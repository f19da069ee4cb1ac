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
        var exposition = new Exposition(modules.SelectMany(module => module.Metrics(app.Services)));
        app.Lifetime.ApplicationStopped.Register(exposition.Dispose);
        app.MapGet("/metrics", () => TypedResults.Text(exposition.Print(), "text/plain; version=0.0.4"))
            .WithName("metrics").WithSummary("Counters and histograms for Prometheus").ProducesText();
    }
}
