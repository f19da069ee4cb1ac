using Broker.Cryptography;
using Broker.Storage;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Broker.SignIn.Staged;

internal sealed class SqliteStagedSignIns(StateDatabase database, TimeProvider time) : IStagedSignIns
{
    /// <summary>A proof that comes at the last moment leaves its client this long to fetch the result.</summary>
    private static readonly TimeSpan Fetching = TimeSpan.FromMinutes(2);

    /// <summary>The condition under which a proof is taken; the unique index on the proof finds the row.</summary>
    internal const string Open =
        "proof_hash = @Proof AND method = @Method AND consumed_at IS NULL AND expires_at > @Now";

    internal const string Columns =
        """
        request_hash AS Request, method AS Method, proof_hash AS Proof, kept AS Kept, device_label AS DeviceLabel,
        compare_code AS CompareCode, issued_at AS IssuedAt, expires_at AS ExpiresAt
        """;

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    public void Add(StagedSignIn signIn)
    {
        using var connection = database.Connect();
        connection.Execute(
            """
            INSERT INTO staged_sign_ins (request_hash, method, proof_hash, kept, device_label, compare_code, status,
                issued_at, expires_at)
            VALUES (@Request, @Method, @Proof, @Kept, @DeviceLabel, @CompareCode, 'pending', @IssuedAt, @ExpiresAt)
            """,
            new Row(signIn.Request.ToString(), signIn.Method, signIn.Proof.ToString(), signIn.Kept, signIn.DeviceLabel,
                signIn.CompareCode, signIn.IssuedAt.ToUnixTimeSeconds(), signIn.ExpiresAt.ToUnixTimeSeconds()));
    }

    public StagedSignIn? FindOpen(string method, Sha256Digest proof)
    {
        using var connection = database.Connect();
        return connection.QuerySingleOrDefault<Row>(
            $"SELECT {Columns} FROM staged_sign_ins WHERE {Open}",
            new { Proof = proof.ToString(), Method = method, Now })?.Read();
    }

    public StagedSignIn? Take(string method, Sha256Digest proof)
    {
        using var connection = database.Connect();
        return Take(connection, method, proof, null);
    }

    public void Settle(StagedSignIn taken, StagedResult result)
    {
        using var connection = database.Connect();
        Settle(connection, taken, result);
    }

    public StagedSignIn? Finish(
        string method, Sha256Digest proof, Sha256Digest? request, Func<StagedSignIn, StagedResult> result)
    {
        using var connection = database.Connect();
        using var both = connection.BeginTransaction(deferred: false);
        var taken = Take(connection, method, proof, request);
        if (taken is not null) Settle(connection, taken, result(taken));
        both.Commit();
        return taken;
    }

    public StagedState? Find(string method, Sha256Digest request)
    {
        using var connection = database.Connect();
        var found = connection.QuerySingleOrDefault<Ended>(
            """
            SELECT identity_type AS Type, identity_value AS Value, failure AS Failure, expires_at AS ExpiresAt
            FROM staged_sign_ins WHERE request_hash = @Request AND method = @Method
            """,
            new { Request = request.ToString(), Method = method });
        if (found is null) return null;
        var result = found switch
        {
            { Type: { } type, Value: { } value } => StagedResult.Verified(new ProvenIdentity(type, value)),
            { Failure: { } reason } => StagedResult.Failed(reason),
            _ => null,
        };
        return new StagedState(request, result, DateTimeOffset.FromUnixTimeSeconds(found.ExpiresAt));
    }

    /// <summary>One conditional update decides who is first.</summary>
    private StagedSignIn? Take(SqliteConnection connection, string method, Sha256Digest proof, Sha256Digest? request) =>
        connection.QuerySingleOrDefault<Row>(
            $"""
            UPDATE staged_sign_ins SET consumed_at = @Now
            WHERE {Open} AND (@Request IS NULL OR request_hash = @Request) RETURNING {Columns}
            """,
            new { Proof = proof.ToString(), Method = method, Request = request?.ToString(), Now })?.Read();

    private void Settle(SqliteConnection connection, StagedSignIn taken, StagedResult result) => connection.Execute(
        """
        UPDATE staged_sign_ins
        SET kept = '', status = @Status, identity_type = @Type, identity_value = @Value, failure = @Failure,
            expires_at = max(expires_at, @Fetchable)
        WHERE request_hash = @Request AND status = 'pending'
        """,
        new
        {
            Status = result.Identity is null ? "failed" : "verified",
            result.Identity?.Type,
            result.Identity?.Value,
            result.Failure,
            Fetchable = Now + (long)Fetching.TotalSeconds,
            Request = taken.Request.ToString(),
        });

    private sealed record Row(
        string Request, string Method, string Proof, string Kept, string? DeviceLabel, string CompareCode,
        long IssuedAt, long ExpiresAt)
    {
        public StagedSignIn Read() => new(
            Digest(Request), Method, Digest(Proof), Kept, DeviceLabel, CompareCode,
            DateTimeOffset.FromUnixTimeSeconds(IssuedAt), DateTimeOffset.FromUnixTimeSeconds(ExpiresAt));

        private static Sha256Digest Digest(string text) => Sha256Digest.TryParse(text, out var digest)
            ? digest
            : throw new InvalidOperationException("internal error: a stored hash is none");
    }

    private sealed record Ended(string? Type, string? Value, string? Failure, long ExpiresAt);
}
