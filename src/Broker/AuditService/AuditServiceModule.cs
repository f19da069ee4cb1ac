using System.Diagnostics.Metrics;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Capabilities;
using Broker.Configuration;
using Broker.Foundation.Settings;
using Broker.Ledger;
using Broker.Modules;

namespace Broker.AuditService;

/// <summary>The audit service: where it listens.</summary>
internal static class AuditServiceSettings
{
    public static readonly Setting<int> Port = new("BROKER_AUDIT_PORT", "Audit service (BROKER_MODULES=audit)",
        "Port of the audit service's own listener, on BROKER_BIND; 0 lets the system choose.", SettingForms.Port)
    { Default = "9092", Form = "0 to 65535", Anchor = "audit-service" };
}

internal sealed record AuditServiceOptions(int Port, bool IsEnabled)
{
    public static AuditServiceOptions Read(BootEnvironment boot) =>
        new(boot.Read(AuditServiceSettings.Port), ProcessParts.Read(boot).Has(ProcessParts.AuditName));
}

/// <summary>
/// Events that the holders of capabilities report. The documents name the service, its port and its <c>/healthz</c>;
/// the rest is ours: this broker's ledger is a Merkle log already, so an event is durable when it is answered, and there is
/// no queue to flush.
/// </summary>
internal sealed class AuditServiceModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => [AuditServiceSettings.Port];

    public override IReadOnlyList<EntryKind> EntryKinds => [AuditEvent.Kind];

    public override IJsonTypeInfoResolver Json => AuditServiceJson.Default;

    public override void Read(ModuleStart start) => start.Read(AuditServiceOptions.Read);

    public override OwnListener? Listener(ModuleStart start) =>
        start.Get<AuditServiceOptions>() is { IsEnabled: true } options
            ? new OwnListener(
                ProcessParts.AuditName, AuditServiceSettings.Port, options.Port, AppendAuditEvent.Prefix)
            {
                Health = ServiceHealth.Of(),
            }
            : null;

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        if (start.Get<AuditServiceOptions>().IsEnabled) services.AddSingleton<RecordAuditEvent>();
    }

    public override void Map(WebApplication app)
    {
        if (app.Services.GetRequiredService<AuditServiceOptions>().IsEnabled) AppendAuditEvent.Map(app);
    }

    public override IEnumerable<Instrument> Metrics(IServiceProvider services) =>
        services.GetService<RecordAuditEvent>() is { } record ? [record.Recorded] : [];
}

[JsonSerializable(typeof(AuditEventBody))]
[JsonSerializable(typeof(AuditEventAnswer))]
[JsonSerializable(typeof(CapabilityErrorBody))]
[JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
internal sealed partial class AuditServiceJson : JsonSerializerContext;
