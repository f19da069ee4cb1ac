using Broker.Foundation.Settings;
using Broker.Modules;

namespace Broker.SigningKeys;

/// <summary>
/// The keys of a process without the broker: that of its own ledger, and the public half of the session key of the
/// broker whose capabilities it takes. It signs no tokens.
/// </summary>
internal sealed class ServiceKeysModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => KeySettings.All;

    public override void Read(ModuleStart start) => start.Read(KeyFileOptions.Read);

    public override void FindFaults(ModuleStart start)
    {
        if (start.Find<KeyFileOptions>() is { KmsFolder: not null })
        {
            start.Faults.Add([BootFault.Of(
                KeySettings.Source, "kms", "is for a process with the broker: BROKER_MODULES=broker,kms")]);
        }

        KeyLoading.FindFaults(start, KeyPurpose.Ledger);
        start.Faults.Try(() => LoadPublicKey(start.Boot).Dispose());
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        start.Keep(new LedgerKey(KeyLoading.LoadLedgerKey(start, start.Get<KeyFileOptions>())));
        var key = LoadPublicKey(start.Boot);
        services.AddSingleton(_ => key); // by factory, so that the container disposes it
    }

    private static SessionPublicKey LoadPublicKey(BootEnvironment boot) => SessionPublicKey.Load(
        boot.ReadOptional(KeySettings.SessionPublicKeyFile) ?? throw BootFailException.At(
            KeySettings.SessionPublicKeyFile, null,
            "missing required variable: a process without the broker verifies capabilities by its public session key; "
            + "the broker writes it with --export-session-pubkey-to"));
}
