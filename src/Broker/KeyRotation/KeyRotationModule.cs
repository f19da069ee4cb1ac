using System.Text.Json.Serialization.Metadata;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Ledger;
using Broker.Modules;
using Broker.SigningKeys;

namespace Broker.KeyRotation;

/// <summary>Keys follow one another without a pause: by schedule, and by the operator.</summary>
internal sealed class KeyRotationModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => RotationSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => RotationRefusals.All;

    public override IReadOnlyList<EntryKind> EntryKinds =>
        [RotationEntries.Announcement, RotationEntries.Emergency, RotationEntries.Retirement];

    public override IJsonTypeInfoResolver Json => RotationJson.Default;

    public override void Read(ModuleStart start) => start.Read(RotationOptions.Read);

    public override void FindFaults(ModuleStart start)
    {
        if (start.Find<RotationOptions>()?.Periods.ContainsKey(KeyPurpose.OidcRs256) is true
            && start.Find<KeyFileOptions>() is { Rs256: null })
        {
            start.Faults.Add([BootFault.Of(
                RotationSettings.Periods, start.Boot.Text(RotationSettings.Periods) ?? "",
                $"names oidc-rs256, which needs {KeySettings.Rs256KeyFile.Name}")]);
        }
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.AddSingleton<RotateKeys>();
        services.AddHostedService<ScheduledRotation>();
    }

    public override void Map(WebApplication app) => KeyRoutes.Map(app);
}
