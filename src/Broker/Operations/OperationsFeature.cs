using Broker.Configuration;
using Broker.Http;

namespace Broker.Operations;

/// <summary>What operators look at: health, readiness, metrics; and the process's own life.</summary>
internal static class OperationsFeature
{
    public static void AddOperations(this IServiceCollection services)
    {
        services.AddSingleton<BrokerMetrics>();
        services.AddSingleton<ReadinessChecks>();
        services.AddSingleton<Tier2Checks>();
        services.AddHostedService(provider => provider.GetRequiredService<Tier2Checks>());
        services.AddHostedService<MaxUptime>();
    }

    public static void MapOperations(this WebApplication app)
    {
        HealthRoutes.Map(app);
        MetricsRoute.Map(app, app.Services.GetRequiredService<BrokerOptions>());
        app.MapApiDocument();
    }
}
