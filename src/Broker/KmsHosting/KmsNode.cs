using Broker.Configuration;
using Broker.Kms.Lifecycle;
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
    /// <summary>The groups of settings that such a process reads; the others may say what they like.</summary>
    private static readonly string[] OwnGroups = ["Core", "Ledger", "Limits"];

    /// <exception cref="BootFailException">The process must not start like this.</exception>
    public static IHost Build(BootEnvironment boot, StartupChoices choices, TimeProvider time)
    {
        var faults = new BootFaults();
        faults.CheckForms(boot, Settings.All.Where(setting => OwnGroups.Contains(setting.Group)));
        var operations = faults.Try(() => OperationsOptions.Read(boot));
        var keys = faults.Try(() => KeyFileOptions.Read(boot));
        var ledger = faults.Try(() => LedgerFileOptions.Read(boot));
        var kms = faults.Try(() => KmsFeature.Read(boot));
        faults.Try(() => DataFolder.Check(boot));
        SigningKeysFeature.FindFaults(boot, choices, faults, KeyPurpose.Ledger);
        faults.ThrowIfAny();
        DataFolder.Prepare(boot);

        var builder = Host.CreateEmptyApplicationBuilder(
            new HostApplicationBuilderSettings { ApplicationName = "Broker" });
        builder.Logging.AddBrokerLogging(operations!);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = operations!.ShutdownGrace);
        builder.Services.AddSingleton(time);
        builder.Services.AddLedger(
            ledger!, LedgerOrigin.Of(boot), SigningKeysFeature.LoadLedgerKey(keys!, choices, operations!, time), time);
        builder.Services.AddKms(kms!);
        return builder.Build();
    }
}
