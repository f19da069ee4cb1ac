using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Http;
using Broker.Issuer;
using Broker.IssuerEvidence;
using Broker.Kms.Lifecycle;
using Broker.KmsHosting;
using Broker.Modules;
using Broker.Releases;
using Broker.Sessions;

namespace Broker.Signer;

/// <summary>
/// What the signer has of the broker's features where the broker runs in another process: the issuer's name, its
/// sessions, the budget of each actor in this process, and the machine that makes a quote.
/// </summary>
internal sealed class SignerAloneModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => [IssuerSettings.Issuer, ReleaseSettings.MintsPerHour];

    public override IReadOnlyList<RefusalCode> Refusals => [.. SessionRefusals.All, .. ReleaseRefusals.All];

    public override void Read(ModuleStart start)
    {
        if (!start.Boot.IsSet(IssuerSettings.Issuer))
        {
            start.Faults.Add([BootFault.Of(
                IssuerSettings.Issuer, null, "missing required variable: the issuer whose sessions the signer takes")]);
            return;
        }

        start.Read(boot => IssuerOptions.Read(boot, start.IsDevelopment, start.Find<ListenOptions>()));
        start.Read(boot => ReleaseOptions.Read(boot, start.IsDevelopment));
        start.Read(boot => new MachineOptions(KmsVariables.ReadMachine(boot)));
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        var endpoint = start.Get<SignerOptions>().Introspection
            ?? new Uri($"{start.Get<IssuerOptions>().Issuer}/oauth/introspect");
        services.AddHttpClient(Introspection.ClientName, Introspection.Configure)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false, // a session token goes to the configured place and nowhere else
                ConnectTimeout = TimeSpan.FromSeconds(3),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            });
        services.AddSingleton(provider => new Introspection(
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(Introspection.ClientName), endpoint));
        services.AddSingleton<SessionTokenReader>();
        services.AddSingleton<ICallers, IntrospectedCallers>();
        services.AddSingleton<MintBudget>();
        services.AddOwnMachine(start.Get<MachineOptions>().Machine);
    }
}
