using System.Security.Cryptography;
using Broker.Configuration;
using Broker.Cryptography;
using Broker.Foundation.Settings;
using Broker.Modules;

namespace Broker.SigningKeys;

/// <summary>
/// The keys of a process without the broker: that of its own ledger, and the public half of the session key of the
/// broker whose capabilities and sessions it takes. It signs no tokens.
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
        start.Faults.Try(() => LoadPublicKeys(start.Boot));
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        var key = KeyLoading.LoadLedgerKey(start, start.Get<KeyFileOptions>());
        start.Keep(new LedgerKeys(new KeyLine<Ed25519SigningKey>(
            KeyPurpose.Ledger, new FirstVersionsOnly(), _ => key, one => $"{one.VerifyingKey}", start.Time)));
        var (path, keys) = LoadPublicKeys(start.Boot);
        services.AddSingleton<ISessionVerifier>(provider => new SessionPublicKeys(new LiveFile<IReadOnlyList<ECDsa>>(
            path, SessionPublicKeys.Read, keys, provider.GetRequiredService<ILogger<SessionPublicKeys>>())));
    }

    /// <exception cref="BootFailException">The variable is not set, or its file cannot be used.</exception>
    internal static (string Path, IReadOnlyList<ECDsa> Keys) LoadPublicKeys(BootEnvironment boot)
    {
        var path = boot.ReadOptional(KeySettings.SessionPublicKeyFile) ?? throw BootFailException.At(
            KeySettings.SessionPublicKeyFile, null,
            "missing required variable: a process without the broker verifies capabilities and sessions by its public session key; "
            + "the broker writes it with --export-session-pubkey-to");
        try
        {
            return (path, SessionPublicKeys.Read(path));
        }
        catch (FormatException wrong)
        {
            throw BootFailException.At(KeySettings.SessionPublicKeyFile, path, wrong.Message, wrong);
        }
    }

    /// <summary>A ledger of services keeps the key that it began with.</summary>
    private sealed class FirstVersionsOnly : IKeyVersions
    {
        public IReadOnlyList<KeyVersion> Of(string purpose) => [];

        public void Keep(IReadOnlyList<KeyVersion> versions) =>
            throw new InvalidOperationException("internal error: keys without a state do not change");
    }
}
