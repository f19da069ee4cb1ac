using Broker.Cryptography;
using Broker.Storage;
using Dapper;

namespace Broker.SignIn.Wallet;

internal sealed class SqliteChallengeStore(StateDatabase database, TimeProvider time) : IChallengeStore
{
    private const string Columns =
        "request_id AS RequestId, nonce AS Nonce, address AS Address, message AS Message, issued_at AS IssuedAt, "
        + "expires_at AS ExpiresAt";

    public void Add(Challenge challenge)
    {
        using var connection = database.Connect();
        connection.Execute(
            """
            INSERT INTO wallet_challenges (request_id, nonce, address, message, issued_at, expires_at)
            VALUES (@RequestId, @Nonce, @Address, @Message, @IssuedAt, @ExpiresAt)
            """,
            new Row(challenge.RequestId, challenge.Nonce, challenge.Address.ToString(), challenge.Message,
                challenge.IssuedAt.ToUnixTimeSeconds(), challenge.ExpiresAt.ToUnixTimeSeconds()));
    }

    public Challenge? Consume(string requestId) => ConsumeWhere("request_id", requestId);

    public Challenge? ConsumeByNonce(string nonce) => ConsumeWhere("nonce", nonce);

    /// <summary>One conditional update decides who is first.</summary>
    private Challenge? ConsumeWhere(string column, string key)
    {
        using var connection = database.Connect();
        var row = connection.QuerySingleOrDefault<Row>(
            $"UPDATE wallet_challenges SET consumed_at = @Now WHERE {column} = @Key AND consumed_at IS NULL "
            + $"RETURNING {Columns}",
            new { Key = key, Now = time.GetUtcNow().ToUnixTimeSeconds() });
        return row is null
            ? null
            : new Challenge(row.RequestId, row.Nonce, EthereumAddress.Parse(row.Address), row.Message,
                DateTimeOffset.FromUnixTimeSeconds(row.IssuedAt), DateTimeOffset.FromUnixTimeSeconds(row.ExpiresAt));
    }

    private sealed record Row(
        string RequestId, string Nonce, string Address, string Message, long IssuedAt, long ExpiresAt);
}
