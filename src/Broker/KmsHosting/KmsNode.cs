using Broker.Foundation.Settings;
using Broker.Kms.Lifecycle;
using Broker.Kms.Records;
using Broker.Ledger;
using Broker.Ledger.Notes;
using Broker.LedgerHosting;
using Broker.Modules;
using Broker.Operations;
using Broker.SigningKeys;
using Broker.Storage;

namespace Broker.KmsHosting;

/// <summary>
/// <c>BROKER_MODULES=kms</c>: a process that is a KMS and nothing else. It needs no issuer, no AWS and no session key;
/// it keeps a ledger of its own.
/// </summary>
internal static class KmsNode
{
    /// <summary>The modules whose settings such a process reads; the others may say what they like.</summary>
    private static readonly BrokerModule[] Own =
        [new OperationsModule(), new StorageModule(), new SigningKeysModule(), new LedgerModule()];

    /// <exception cref="BootFailException">The process must not start like this.</exception>
    public static IHost Build(BootEnvironment boot, StartupChoices choices, TimeProvider time)
    {
        var start = new ModuleStart(boot, choices, time, Own);
        start.Faults.CheckForms(boot, Own.SelectMany(module => module.Settings));
        start.Read(OperationsOptions.Read);
        start.Read(KeyFileOptions.Read);
        start.Read(StorageOptions.Read);
        start.Read(LedgerFileOptions.Read);
        var kms = start.Faults.Try(() => KmsVariables.Read(boot));
        start.Faults.Try(() => DataFolder.Check(boot));
        if (start.Find<KeyFileOptions>()?.KmsFolder is not null)
        {
            start.Faults.Add([BootFault.Of(
                KeySettings.Source, "kms", "is for a process with the broker: BROKER_MODULES=broker,kms")]);
        }

        KeyLoading.FindFaults(start, KeyPurpose.Ledger);
        start.Faults.ThrowIfAny();
        DataFolder.Prepare(boot);

        var builder = Host.CreateEmptyApplicationBuilder(
            new HostApplicationBuilderSettings { ApplicationName = "Broker" });
        var operations = start.Get<OperationsOptions>();
        builder.Services.AddBrokerLogging(operations);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = operations.ShutdownGrace);
        builder.Services.AddServiceManager();
        builder.Services.AddSingleton(time);
        builder.Services.AddLedger(
            start.Get<StorageOptions>().LedgerPath, start.Get<LedgerFileOptions>(),
            new CheckpointSigners(
                LedgerOrigin.Of(boot), [KeyLoading.LoadLedgerKey(start, start.Get<KeyFileOptions>())]),
            new EntryKinds(KmsEntryKinds.All), time);
        builder.Services.AddKms(kms!);
        return builder.Build();
    }
}
