using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.AwsAccount;
using Broker.Capabilities;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Http;
using Broker.Ledger;
using Broker.Modules;
using Broker.SigningKeys;

namespace Broker.DataClasses;

/// <summary>
/// What the services of all data classes share: credentials, memories and configurations, sealed and kept in S3 for
/// whoever holds a capability (contract §11.5). Each class has a <see cref="DataClassModule"/> of its own.
/// </summary>
internal sealed class DataClassesModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => DataSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => DataRefusals.All;

    public override IReadOnlyList<EntryKind> EntryKinds =>
        [DataRelease.StoreKind, DataRelease.FetchKind, DataRelease.TeardownKind];

    public override IJsonTypeInfoResolver Json => DataJson.Default;

    public override void Read(ModuleStart start) => start.Read(
        boot => DataOptions.Read(boot, start.Find<AwsAccountOptions>(), start.Find<ListenOptions>()));

    public override void FindFaults(ModuleStart start)
    {
        if (start.Find<DataOptions>() is { AreKeysOfKms: true, Classes.Count: > 0 }
            && start.Find<KeyFileOptions>() is { KmsFolder: null })
            start.Faults.Add([BootFault.Of(DataSettings.KeksOfKms, "kms", "needs BROKER_SIGNING_KEYS=kms")]);
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.AddSingleton<ServiceBudget>();
        var options = start.Get<DataOptions>();
        if (options.Classes.Count == 0) return;
        services.AddSingleton(new DataKeys(KeysOf(options, start)));
        services.AddSingleton<DataBucket>();
        services.AddSingleton<KeptData>();
        services.AddSingleton<DataServices>();
    }

    public override IEnumerable<Instrument> Metrics(IServiceProvider services) =>
        services.GetService<KeptData>()?.Metrics ?? [];

    private static Dictionary<DataClass, DataKey> KeysOf(DataOptions options, ModuleStart start)
    {
        if (!options.AreKeysOfKms) return options.Classes.ToDictionary(kept => kept.Class, kept => kept.Given!);
        var roots = KmsKeys.Load(start.Get<KeyFileOptions>().KmsFolder!);
        return options.Classes.ToDictionary(kept => kept.Class, kept =>
        {
            var secret = roots.Secret(kept.Class.KmsPath);
            try
            {
                return new DataKey(secret);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(secret);
            }
        });
    }
}

/// <summary>One data class: its port and its routes.</summary>
internal sealed class DataClassModule(DataClass one) : BrokerModule
{
    public override OwnListener? Listener(ModuleStart start) => start.Get<DataOptions>().Find(one) is { } kept
        ? new OwnListener(one.Module, one.Port, kept.Port, one.Prefix)
        {
            Health = ServiceHealth.Of((one.BucketMember, kept.Bucket)),
        }
        : null;

    public override void Map(WebApplication app)
    {
        if (app.Services.GetRequiredService<DataOptions>().Find(one) is { } kept) DataRoutes.Map(app, kept);
    }
}

[JsonSerializable(typeof(StoreDataBody))]
[JsonSerializable(typeof(CapabilityOnlyBody))]
[JsonSerializable(typeof(StoreDataAnswer))]
[JsonSerializable(typeof(FetchDataAnswer))]
[JsonSerializable(typeof(TearDownDataAnswer))]
[JsonSerializable(typeof(CapabilityErrorBody))]
[JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
internal sealed partial class DataJson : JsonSerializerContext;
