using System.Diagnostics.Metrics;
using Broker.Foundation.Settings;
using Broker.Modules;

namespace Broker.SignIn.Methods;

/// <summary>The choice of ways to sign in. Comes before each of them.</summary>
internal sealed class SignInMethodsModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => [SignInOptions.AuthMethods];

    public override void AddServices(IServiceCollection services, ModuleStart start) =>
        services.AddSingleton<SignInMetrics>();

    public override IEnumerable<Instrument> Metrics(IServiceProvider services) =>
        services.GetRequiredService<SignInMetrics>().All;

    public override void Read(ModuleStart start) => start.Read(SignInOptions.Read);
}
