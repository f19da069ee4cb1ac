using Broker.Cryptography;
using Broker.Ledger;
using Broker.Storage;
using Dapper;

namespace Broker.SignIn.Passkey;

internal sealed class SqlitePasskeyStore(StateDatabase database) : IPasskeyStore
{
    private const string Columns =
        "credential_id AS CredentialId, user_handle AS UserHandle, omni_account AS Omni, wallet AS Wallet, "
        + "public_key AS PublicKey, counter AS Counter, label AS Label, created_at AS CreatedAt, "
        + "last_used_at AS LastUsedAt";

    public bool Add(Passkey passkey)
    {
        using var connection = database.Connect();
        return connection.Execute(
            """
            INSERT INTO passkeys
                (credential_id, user_handle, omni_account, wallet, public_key, counter, label, created_at)
            VALUES (@CredentialId, @UserHandle, @Omni, @Wallet, @PublicKey, @Counter, @Label, @CreatedAt)
            ON CONFLICT (credential_id) DO NOTHING
            """,
            new
            {
                passkey.CredentialId,
                passkey.UserHandle,
                Omni = passkey.Omni.ToString(),
                Wallet = passkey.Wallet?.ToString(),
                passkey.PublicKey,
                Counter = (long)passkey.Counter,
                passkey.Label,
                CreatedAt = passkey.CreatedAt.ToUnixTimeSeconds(),
            }) == 1;
    }

    public Passkey? Find(string credentialId)
    {
        using var connection = database.Connect();
        return connection.QuerySingleOrDefault<Row>(
            $"SELECT {Columns} FROM passkeys WHERE credential_id = @Id", new { Id = credentialId })?.ToPasskey();
    }

    public IReadOnlyList<Passkey> Of(ActorOmni omni)
    {
        using var connection = database.Connect();
        return
        [
            .. connection.Query<Row>(
                $"SELECT {Columns} FROM passkeys WHERE omni_account = @Omni ORDER BY created_at, credential_id",
                new { Omni = omni.ToString() }).Select(row => row.ToPasskey()),
        ];
    }

    public bool TryUse(string credentialId, uint seen, uint counter, DateTimeOffset at)
    {
        using var connection = database.Connect();
        return connection.Execute(
            "UPDATE passkeys SET counter = @Counter, last_used_at = @At WHERE credential_id = @Id AND counter = @Seen",
            new { Id = credentialId, Seen = (long)seen, Counter = (long)counter, At = at.ToUnixTimeSeconds() }) == 1;
    }

    public bool Remove(ActorOmni omni, string credentialId)
    {
        using var connection = database.Connect();
        return connection.Execute(
            "DELETE FROM passkeys WHERE credential_id = @Id AND omni_account = @Omni",
            new { Id = credentialId, Omni = omni.ToString() }) == 1;
    }

    private sealed record Row(
        string CredentialId, byte[] UserHandle, string Omni, string? Wallet, byte[] PublicKey, long Counter,
        string Label, long CreatedAt, long? LastUsedAt)
    {
        public Passkey ToPasskey() => new(
            CredentialId, UserHandle, ActorOmni.Parse(Omni), Wallet is null ? null : EthereumAddress.Parse(Wallet),
            PublicKey, (uint)Counter, Label, DateTimeOffset.FromUnixTimeSeconds(CreatedAt),
            LastUsedAt is { } used ? DateTimeOffset.FromUnixTimeSeconds(used) : null);
    }
}
