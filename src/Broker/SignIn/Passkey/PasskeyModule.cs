using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Issuer;
using Broker.Ledger;
using Broker.Modules;
using Broker.SignIn.Methods;

namespace Broker.SignIn.Passkey;

/// <summary>Sign-in with a passkey: registered by a session or for an actor of its own; WebAuthn level 3.</summary>
internal sealed class PasskeyModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => PasskeySettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => PasskeyRefusals.All;

    public override IReadOnlyList<EntryKind> EntryKinds => [PasskeyChange.Kind];

    public override IReadOnlyList<StateTable> Tables =>
    [
        new("passkey/0001-ceremonies", """
            CREATE TABLE IF NOT EXISTS passkey_ceremonies (
                challenge_hash TEXT PRIMARY KEY,
                kind           TEXT NOT NULL CHECK (kind IN ('registration', 'sign_in')),
                user_handle    BLOB NULL,
                omni_account   TEXT NULL,
                wallet         TEXT NULL,
                expires_at     INTEGER NOT NULL,
                consumed_at    INTEGER NULL
            ) STRICT;
            CREATE INDEX IF NOT EXISTS passkey_ceremonies_by_expiry ON passkey_ceremonies (expires_at);
            """)
        {
            Expiring = "passkey_ceremonies",
        },
        new("passkey/0002-passkeys", """
            CREATE TABLE IF NOT EXISTS passkeys (
                credential_id TEXT PRIMARY KEY,
                user_handle   BLOB NOT NULL,
                omni_account  TEXT NOT NULL,
                wallet        TEXT NULL,
                public_key    BLOB NOT NULL,
                counter       INTEGER NOT NULL,
                label         TEXT NOT NULL,
                created_at    INTEGER NOT NULL,
                last_used_at  INTEGER NULL
            ) STRICT;
            CREATE INDEX IF NOT EXISTS passkeys_by_omni ON passkeys (omni_account);
            """),
    ];

    public override IJsonTypeInfoResolver Json => PasskeyJson.Default;

    public override void Read(ModuleStart start)
    {
        if (start.Find<IssuerOptions>() is not { } issuer) return;
        start.Read(boot => PasskeyOptions.Read(boot, start.IsDevelopment, IsOffered(start), issuer));
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        if (!IsOffered(start)) return;
        services.AddSingleton<IPasskeyStore, SqlitePasskeyStore>();
        services.AddSingleton<ICeremonies, SqliteCeremonies>();
        services.AddSingleton<PasskeyVerifier>();
        services.AddSingleton<PasskeyLimit>();
        services.AddSingleton<PasskeyOwners>();
        services.AddSingleton<ProvePasskey>();
        services.AddSingleton<RegisterPasskey>();
    }

    public override void Map(WebApplication app)
    {
        if (!app.Services.GetRequiredService<SignInOptions>().Offers(SignInMethod.Passkey)) return;
        StartPasskeyRegistration.Map(app);
        VerifyPasskeyRegistration.Map(app);
        StartPasskeySignIn.Map(app);
        VerifyPasskeySignIn.Map(app);
        ListPasskeys.Map(app);
        RemovePasskey.Map(app);
    }

    private static bool IsOffered(ModuleStart start) => start.Find<SignInOptions>()?.Offers(SignInMethod.Passkey) == true;
}

[JsonSerializable(typeof(StartPasskeyRegistrationAnswer))]
[JsonSerializable(typeof(VerifyPasskeyRegistrationRequest))]
[JsonSerializable(typeof(VerifyPasskeyRegistrationAnswer))]
[JsonSerializable(typeof(StartPasskeySignInRequest))]
[JsonSerializable(typeof(StartPasskeySignInAnswer))]
[JsonSerializable(typeof(VerifyPasskeySignInRequest))]
[JsonSerializable(typeof(VerifyPasskeySignInAnswer))]
[JsonSerializable(typeof(ListPasskeysAnswer))]
[JsonSerializable(typeof(RemovePasskeyRequest))]
[JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
internal sealed partial class PasskeyJson : JsonSerializerContext;
