using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Configuration;
using Broker.Foundation.Settings;
using Broker.Modules;

namespace Broker.Operations;

/// <summary>What operators look at: health, readiness, metrics; and the process's own life.</summary>
internal sealed partial class OperationsModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => [.. CoreSettings.All, .. OperationsSettings.All];

    public override IJsonTypeInfoResolver Json => OperationsJson.Default;

    public override void Read(ModuleStart start) => start.Read(OperationsOptions.Read);

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.Configure<HostOptions>(host => host.ShutdownTimeout = start.Get<OperationsOptions>().ShutdownGrace);
        services.AddSingleton<Tier2Checks>();
        services.AddSingleton<ReadinessChecks>();
        services.AddHostedService(provider => provider.GetRequiredService<Tier2Checks>());
        services.AddHostedService<MaxUptime>();
        if (start.IsDevelopment) services.AddSingleton<DevelopmentMode>();
    }

    public override void Map(WebApplication app)
    {
        HealthRoutes.Map(app);
        MetricsRoute.Map(app);
    }

    public override void Note(IServiceProvider services, ILogger log)
    {
        if (services.GetService<DevelopmentMode>() is not null) LogDevelopmentMode(log);
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "BROKER_DEV_MODE is on: http issuer allowed, key files created, limits off. Never on a public host.")]
    private static partial void LogDevelopmentMode(ILogger log);

    /// <summary>There where the process runs in it.</summary>
    private sealed class DevelopmentMode;
}

[JsonSerializable(typeof(AllReady))]
[JsonSerializable(typeof(NotReady))]
internal sealed partial class OperationsJson : JsonSerializerContext;
