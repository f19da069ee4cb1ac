using System.Data;
using Broker.Storage;
using Dapper;

namespace Broker.Aws.Idempotency;

internal sealed class SqliteIdempotencyStore(StateDatabase database, TimeProvider time) : IIdempotencyStore
{
    // The column keeps its first name; it holds the fingerprint of the whole request.
    private const string Find =
        "SELECT body_hash AS BodyHash, answer AS Answer FROM idempotency WHERE scope = @Scope";

    public (IdempotencyState State, byte[]? SealedAnswer) Begin(
        string scope, string fingerprint, DateTimeOffset reservedUntil)
    {
        using var connection = database.Connect();
        using var transaction = connection.BeginTransaction(IsolationLevel.Serializable);
        connection.Execute("DELETE FROM idempotency WHERE scope = @Scope AND expires_at <= @Now",
            new { Scope = scope, Now = time.GetUtcNow().ToUnixTimeSeconds() }, transaction);
        var known = connection.QuerySingleOrDefault<Row>(Find, new { Scope = scope }, transaction);
        if (known is null)
        {
            connection.Execute(
                "INSERT INTO idempotency (scope, body_hash, expires_at) VALUES (@Scope, @BodyHash, @Until)",
                new { Scope = scope, BodyHash = fingerprint, Until = reservedUntil.ToUnixTimeSeconds() }, transaction);
        }

        transaction.Commit();
        return (StateOf(known, fingerprint), known?.Answer);
    }

    public IdempotencyState Look(string scope, string fingerprint)
    {
        using var connection = database.Connect();
        var known = connection.QuerySingleOrDefault<Row>(
            $"{Find} AND expires_at > @Now", new { Scope = scope, Now = time.GetUtcNow().ToUnixTimeSeconds() });
        return StateOf(known, fingerprint);
    }

    private static IdempotencyState StateOf(Row? known, string fingerprint) => known switch
    {
        null => IdempotencyState.Reserved,
        _ when known.BodyHash != fingerprint => IdempotencyState.OtherRequest,
        { Answer: null } => IdempotencyState.UnderWay,
        _ => IdempotencyState.Answered,
    };

    public void Complete(string scope, byte[] sealedAnswer, DateTimeOffset keptUntil)
    {
        using var connection = database.Connect();
        connection.Execute("UPDATE idempotency SET answer = @Answer, expires_at = @Until WHERE scope = @Scope",
            new { Scope = scope, Answer = sealedAnswer, Until = keptUntil.ToUnixTimeSeconds() });
    }

    public void Abandon(string scope)
    {
        using var connection = database.Connect();
        connection.Execute("DELETE FROM idempotency WHERE scope = @Scope AND answer IS NULL", new { Scope = scope });
    }

    private sealed class Row
    {
        public required string BodyHash { get; init; }

        public byte[]? Answer { get; init; }
    }
}
