using Broker.Cryptography;
using Broker.Ledger;
using Broker.Storage;
using Dapper;

namespace Broker.SignIn.Passkey;

internal sealed class SqliteCeremonies(StateDatabase database, TimeProvider time) : ICeremonies
{
    public void Add(Ceremony ceremony)
    {
        using var connection = database.Connect();
        connection.Execute(
            """
            INSERT INTO passkey_ceremonies (challenge_hash, kind, user_handle, omni_account, wallet, expires_at)
            VALUES (@Challenge, @Kind, @UserHandle, @Omni, @Wallet, @ExpiresAt)
            """,
            new
            {
                Challenge = ceremony.Challenge.ToString(),
                Kind = KindOf(ceremony.IsRegistration),
                ceremony.UserHandle,
                Omni = ceremony.Omni?.ToString(),
                Wallet = ceremony.Wallet?.ToString(),
                ExpiresAt = ceremony.ExpiresAt.ToUnixTimeSeconds(),
            });
    }

    public Ceremony? Take(Sha256Digest challenge, bool isRegistration)
    {
        using var connection = database.Connect();
        var row = connection.QuerySingleOrDefault<Row>(
            """
            UPDATE passkey_ceremonies SET consumed_at = @Now
            WHERE challenge_hash = @Challenge AND kind = @Kind AND consumed_at IS NULL AND expires_at > @Now
            RETURNING user_handle AS UserHandle, omni_account AS Omni, wallet AS Wallet, expires_at AS ExpiresAt
            """,
            new
            {
                Challenge = challenge.ToString(),
                Kind = KindOf(isRegistration),
                Now = time.GetUtcNow().ToUnixTimeSeconds(),
            });
        return row is null
            ? null
            : new Ceremony(
                challenge, isRegistration, row.UserHandle, row.Omni is null ? null : ActorOmni.Parse(row.Omni),
                row.Wallet is null ? null : EthereumAddress.Parse(row.Wallet),
                DateTimeOffset.FromUnixTimeSeconds(row.ExpiresAt));
    }

    private static string KindOf(bool isRegistration) => isRegistration ? "registration" : "sign_in";

    private sealed record Row(byte[]? UserHandle, string? Omni, string? Wallet, long ExpiresAt);
}
