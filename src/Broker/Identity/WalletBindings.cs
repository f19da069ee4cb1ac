using Broker.Cryptography;
using Broker.Ledger;
using Broker.Storage;
using Dapper;

namespace Broker.Identity;

/// <summary>Which address belongs to which actor, and as what (contract §7.5). Durable when it returns.</summary>
internal interface IWalletBindings
{
    /// <summary>
    /// Binds <paramref name="address"/> to <paramref name="actor"/> as its master; doing so again changes nothing.
    /// False when the address is bound otherwise, as another actor's or as a daemon.
    /// </summary>
    bool BindMaster(ActorOmni actor, EthereumAddress address);
}

internal sealed class SqliteWalletBindings(StateDatabase database, TimeProvider time) : IWalletBindings
{
    public bool BindMaster(ActorOmni actor, EthereumAddress address)
    {
        using var connection = database.Connect();
        var key = new
        {
            Address = address.ToString(),
            Omni = actor.ToString(),
            Now = time.GetUtcNow().ToUnixTimeSeconds(),
        };
        const string IsBound = "SELECT omni_account = @Omni AND role = 'master' FROM wallets WHERE address = @Address";
        if (connection.ExecuteScalar<bool?>(IsBound, key) is { } known) return known;

        connection.Execute(
            """
            INSERT INTO wallets (address, omni_account, role, created_at) VALUES (@Address, @Omni, 'master', @Now)
            ON CONFLICT (address) DO NOTHING
            """,
            key);
        return connection.ExecuteScalar<bool>(IsBound, key);
    }
}
