using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Modules;

namespace Broker.Identity;

/// <summary>Actors, and the wallets that are bound to them.</summary>
internal sealed class IdentityModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => IdentitySettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => IdentityRefusals.All;

    public override IReadOnlyList<StateTable> Tables =>
    [
        new("identity/0001-wallets", """
            CREATE TABLE IF NOT EXISTS wallets (
                address        TEXT PRIMARY KEY,
                omni_account   TEXT NOT NULL,
                role           TEXT NOT NULL CHECK (role IN ('master', 'daemon')),
                parent_address TEXT NULL,
                created_at     INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX IF NOT EXISTS wallets_by_omni ON wallets (omni_account);
            """),
    ];

    public override void Read(ModuleStart start) =>
        start.Read(boot => IdentityOptions.Read(boot, start.IsDevelopment));

    public override void AddServices(IServiceCollection services, ModuleStart start) =>
        services.AddSingleton<IWalletBindings, SqliteWalletBindings>().AddSingleton<ChangeLimit>();
}
