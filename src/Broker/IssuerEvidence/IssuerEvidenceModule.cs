using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Issuer;
using Broker.Kms.Lifecycle;
using Broker.KmsHosting;
using Broker.Modules;

namespace Broker.IssuerEvidence;

/// <summary>Lets anyone check which code holds the issuer's keys, where it runs in a confidential machine.</summary>
internal sealed class IssuerEvidenceModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => EvidenceSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => EvidenceRefusals.All;

    public override void Read(ModuleStart start)
    {
        start.Read(boot => EvidenceOptions.Read(boot, start.IsDevelopment));
        start.Read(boot => new MachineOptions(KmsVariables.ReadMachine(boot)));
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.AddOwnMachine(start.Get<MachineOptions>().Machine);
        services.AddSingleton<EvidenceLimit>();
        services.AddSingleton<EvidenceMaker>();
        services.AddSingleton<KeyCertificates>();
    }

    public override void Map(WebApplication app)
    {
        EvidenceRoutes.Map(app, app.Services.GetRequiredService<IssuerOptions>());
        VerifyPage.Map(app);
    }
}
