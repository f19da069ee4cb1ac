using Broker.SignIn.Staged;
using Broker.Tests.Hosting;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Broker.Tests.SignIn.Email;

/// <summary>A hundred thousand sign-ins that wait change nothing: each step finds its row by an index.</summary>
public sealed class ManySignInsTests
{
    [Fact]
    public async Task A_hundred_thousand_pending_sign_ins_leave_every_step_an_index()
    {
        await using var broker = await MailSignIn.StartAsync();
        using var connection = new SqliteConnection($"Data Source={broker.StateFile};Pooling=False");
        connection.Execute(
            """
            WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
            INSERT INTO staged_sign_ins (request_hash, method, proof_hash, kept, compare_code, status, issued_at,
                expires_at)
            SELECT printf('%064x', i), 'email_link', printf('%064x', i + 1000000), 'user' || i || '@example.org',
                'BCDF-GHJK', 'pending', @Now, @Now + 600 FROM n
            """,
            new { Now = broker.Clock.UnixSeconds });

        var requested = (await broker.RequestLinkAsync()).ShouldBeOk();
        (await broker.PollAsync(requested))["status"].ShouldBe("pending");
        (await broker.ConfirmAsync(broker.NewestToken())).ShouldBeOk();
        (await broker.PollAsync(requested))["status"].ShouldBe("verified");

        PlanOf($"SELECT {SqliteStagedSignIns.Columns} FROM staged_sign_ins WHERE {SqliteStagedSignIns.Open}")
            .ShouldContain("USING INDEX sqlite_autoindex_staged_sign_ins_2 (proof_hash=?)");
        PlanOf($"UPDATE staged_sign_ins SET consumed_at = 1 WHERE {SqliteStagedSignIns.Open}")
            .ShouldContain("USING INDEX sqlite_autoindex_staged_sign_ins_2 (proof_hash=?)");
        PlanOf("SELECT failure FROM staged_sign_ins WHERE request_hash = @Proof AND method = @Method")
            .ShouldContain("USING INDEX sqlite_autoindex_staged_sign_ins_1 (request_hash=?)");
        PlanOf("SELECT rowid FROM staged_sign_ins WHERE expires_at < @Now LIMIT 500")
            .ShouldContain("INDEX staged_sign_ins_by_expiry (expires_at<?)");

        string PlanOf(string sql) => string.Join('\n', connection
            .Query($"EXPLAIN QUERY PLAN {sql}", new { Proof = "", Method = "", Now = 0 })
            .Select(row => (string)row.detail));
    }
}
