using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Identity;
using Broker.Issuer;
using Broker.Modules;
using Broker.SignIn.Methods;
using Broker.Storage;

namespace Broker.SignIn.Wallet;

/// <summary>Sign-in with an Ethereum wallet: EIP-4361 message, EIP-191 signature.</summary>
internal sealed class WalletModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => WalletSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => WalletRefusals.All;

    public override IReadOnlyList<StateTable> Tables =>
    [
        new("wallet/0001-challenges", """
            CREATE TABLE IF NOT EXISTS wallet_challenges (
                request_id  TEXT PRIMARY KEY,
                nonce       TEXT NOT NULL UNIQUE,
                address     TEXT NOT NULL,
                message     TEXT NOT NULL,
                issued_at   INTEGER NOT NULL,
                expires_at  INTEGER NOT NULL,
                consumed_at INTEGER NULL
            ) STRICT;
            CREATE INDEX IF NOT EXISTS wallet_challenges_by_expiry ON wallet_challenges (expires_at);
            """)
        {
            Expiring = "wallet_challenges",
        },
    ];

    public override IJsonTypeInfoResolver Json => WalletJson.Default;

    public override void Read(ModuleStart start)
    {
        start.Read(boot => WalletSignInOptions.Read(boot, start.IsDevelopment));

        // Two settings of others stand in every message that we hand out.
        start.Faults.Try(() => CheckMessages(start.Boot));
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.AddSingleton<IChallengeStore, SqliteChallengeStore>();
        services.AddSingleton<ChallengeLimit>();
        services.AddSingleton<IssueChallenge>();
        services.AddSingleton<WalletProof>();
        services.AddSingleton<ProveWallet>();
    }

    public override void Map(WebApplication app)
    {
        if (!app.Services.GetRequiredService<SignInOptions>().Offers(SignInMethod.WalletSignature)) return;
        StartWalletSignIn.Map(app);
        VerifyWalletSignIn.Map(app);
    }

    /// <summary>Challenges and bindings are kept in the state database: what it is, both names are.</summary>
    public override IEnumerable<ReadinessCheck> CheckReadiness(IServiceProvider services)
    {
        var state = services.GetRequiredService<StateDatabase>().CheckReadiness();
        return [state with { Name = "wallet_sig" }, state with { Name = "client_keystore" }];
    }

    private static void CheckMessages(BootEnvironment boot)
    {
        var faults = new BootFaults();
        if (faults.Try(() => boot.ReadOptional(IdentitySettings.ClientId)) is { } client
            && OwnMessage.FaultOfClientId(client) is { } noClient)
            faults.Add([BootFault.Of(IdentitySettings.ClientId, client, noClient)]);
        if (faults.Try(() => boot.ReadOptional(IssuerSettings.Issuer)) is { } issuer
            && OwnMessage.FaultOfIssuer(issuer) is { } noIssuer)
            faults.Add([BootFault.Of(IssuerSettings.Issuer, issuer, noIssuer)]);
        faults.ThrowIfAny();
    }
}

[JsonSerializable(typeof(StartWalletSignInRequest))]
[JsonSerializable(typeof(StartWalletSignInAnswer))]
[JsonSerializable(typeof(VerifyWalletSignInRequest))]
[JsonSerializable(typeof(VerifyWalletSignInAnswer))]
[JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
internal sealed partial class WalletJson : JsonSerializerContext;
