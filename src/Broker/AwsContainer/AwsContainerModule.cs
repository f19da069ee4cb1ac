using System.Diagnostics.Metrics;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation.Results;
using Broker.Modules;

namespace Broker.AwsContainer;

/// <summary>The container credentials endpoint: AWS's SDKs and command line as clients, with nothing installed.</summary>
internal sealed class AwsContainerModule : BrokerModule
{
    public override IReadOnlyList<RefusalCode> Refusals => [SharedCredentials.StsSlow];

    public override IJsonTypeInfoResolver Json => AwsContainerJson.Default;

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.AddSingleton<SharedCredentials>();
        services.AddSingleton<ContainerMetrics>();
    }

    public override void Map(WebApplication app) => ContainerCredentials.Map(app);

    public override IEnumerable<Instrument> Metrics(IServiceProvider services) =>
        [services.GetRequiredService<ContainerMetrics>().Seconds];
}

[JsonSerializable(typeof(ContainerCredentialsAnswer))]
internal sealed partial class AwsContainerJson : JsonSerializerContext;
