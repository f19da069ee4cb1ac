using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Capabilities;
using Broker.Configuration;
using Broker.Foundation.Settings;
using Broker.Ledger;
using Broker.Modules;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.ClassifyService;

/// <summary>The classifying service: where it listens, and by which catalogue it classifies.</summary>
internal static class ClassifyServiceSettings
{
    private const string Group = "Classify service (BROKER_MODULES=classify)";
    private const string Anchor = "classify-service";

    public static readonly Setting<int> Port = new("BROKER_CLASSIFY_PORT", Group,
        "Port of the classifying service's own listener, on BROKER_BIND; 0 lets the system choose.", SettingForms.Port)
    { Default = "9097", Form = "0 to 65535", Anchor = Anchor };

    public static readonly Setting<string> Catalogue = new("BROKER_CLASSIFY_CATALOG_PATH", Group,
        "JSON file of words with their category and sensitivity, read again when it changes. Only its owner may write "
        + "it.", FilePath)
    { Form = PathForm, Anchor = Anchor };
}

/// <param name="Catalogue">Null where this process has no such service.</param>
internal sealed record ClassifyServiceOptions(int Port, string? Catalogue)
{
    public static ClassifyServiceOptions Read(BootEnvironment boot)
    {
        var port = boot.Read(ClassifyServiceSettings.Port);
        var path = boot.ReadOptional(ClassifyServiceSettings.Catalogue);

        // Read whatever runs: a file that is named and cannot be used is a mistake.
        if (path is not null) WrittenCatalogue.Check(path);
        if (!ProcessParts.Read(boot).Has(ProcessParts.ClassifyName)) return new ClassifyServiceOptions(port, null);
        return path is not null
            ? new ClassifyServiceOptions(port, path)
            : throw BootFailException.At(
                ClassifyServiceSettings.Catalogue, null,
                "missing required variable: the module classify classifies by its words");
    }
}

/// <summary>
/// Says of a text which category and sensitivity it has. The documents give the service a name, a certificate and the
/// op of a capability; this is the smallest service that fits: an operator's catalogue of words, and no model.
/// </summary>
internal sealed class ClassifyServiceModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings =>
        [ClassifyServiceSettings.Port, ClassifyServiceSettings.Catalogue];

    public override IReadOnlyList<EntryKind> EntryKinds => [TagEntity.Kind];

    public override IJsonTypeInfoResolver Json => ClassifyServiceJson.Default;

    public override void Read(ModuleStart start) => start.Read(ClassifyServiceOptions.Read);

    public override OwnListener? Listener(ModuleStart start) =>
        start.Get<ClassifyServiceOptions>() is { Catalogue: not null } options
            ? new OwnListener(
                ProcessParts.ClassifyName, ClassifyServiceSettings.Port, options.Port, TagEntity.Prefix)
            {
                Health = ServiceHealth.Of(),
            }
            : null;

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        if (start.Get<ClassifyServiceOptions>().Catalogue is not null) services.AddSingleton<Catalogue>();
    }

    public override void Map(WebApplication app)
    {
        if (app.Services.GetRequiredService<ClassifyServiceOptions>().Catalogue is not null) TagEntity.Map(app);
    }

    /// <summary>Reads the catalogue now: one that breaks before the first request changes nothing.</summary>
    public override Task ProbeAsync(IServiceProvider services, CancellationToken stop)
    {
        _ = services.GetService<Catalogue>();
        return Task.CompletedTask;
    }

    public override IEnumerable<ReadinessCheck> CheckReadiness(IServiceProvider services)
    {
        if (services.GetService<Catalogue>() is not { } catalogue) yield break;
        yield return catalogue.Fault is { } fault
            ? new ReadinessCheck(
                "classify_catalog", Readiness.Degraded, $"the file {fault}; the catalogue before it stays in force")
            : new ReadinessCheck("classify_catalog", Readiness.Ready);
    }
}

[JsonSerializable(typeof(TagEntityBody))]
[JsonSerializable(typeof(TagEntityAnswer))]
[JsonSerializable(typeof(CapabilityErrorBody))]
[JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
internal sealed partial class ClassifyServiceJson : JsonSerializerContext;
