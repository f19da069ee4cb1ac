using Broker.Configuration;
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
    /// <exception cref="BootFailException">The process must not start like this.</exception>
    public static IHost Build(BootEnvironment boot, StartupChoices choices, TimeProvider time)
    {
        var operations = OperationsOptions.Read(boot);
        var keys = KeyFileOptions.Read(boot);
        var ledger = LedgerFileOptions.Read(boot);

        var builder = Host.CreateEmptyApplicationBuilder(
            new HostApplicationBuilderSettings { ApplicationName = "Broker" });
        builder.Logging.AddBrokerLogging(operations);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = operations.ShutdownGrace);
        builder.Services.AddSingleton(time);
        builder.Services.AddLedger(
            ledger, LedgerOrigin.Of(boot), SigningKeysFeature.LoadLedgerKey(keys, choices, operations, time), time);
        builder.Services.AddKms(boot);
        return builder.Build();
    }
}
