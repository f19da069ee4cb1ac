using Broker.SignIn.Staged;
using Broker.Storage;
using Broker.Tests.Hosting;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Broker.Tests.SignIn.Email;

/// <summary>A hundred thousand sign-ins that wait change nothing: each step finds its row by an index.</summary>
public sealed class ManySignInsTests
{
    [Fact]
    public async Task A_hundred_thousand_pending_sign_ins_leave_every_step_an_index()
    {
        await using var broker = await MailSignIn.StartAsync();
        using var connection = new SqliteConnection($"Data Source={broker.StateFile};Pooling=False");
        Wait(connection, broker.Clock.UnixSeconds + 20_000);

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

    [Fact]
    public async Task What_has_expired_is_forgotten_in_small_batches()
    {
        await using var broker = await MailSignIn.StartAsync();
        using var connection = new SqliteConnection($"Data Source={broker.StateFile};Pooling=False");
        var now = broker.Clock.UnixSeconds;
        Wait(connection, now);
        var requested = (await broker.RequestLinkAsync()).ShouldBeOk();
        var cleaning = broker.Services.GetServices<IHostedService>().OfType<StateCleaning>().Single();

        // Ten rows expire in each second: no transaction takes more than a batch and the rows of one second.
        var transactions = await cleaning.SweepAsync("staged_sign_ins", now, CancellationToken.None);

        transactions.ShouldBeInRange(100_000 / (StateCleaning.Batch + 10), (100_000 / StateCleaning.Batch) + 1);
        connection.ExecuteScalar<long>("SELECT count(*) FROM staged_sign_ins").ShouldBe(1);
        (await broker.PollAsync(requested))["status"].ShouldBe("pending");
        (await cleaning.SweepAsync("staged_sign_ins", now, CancellationToken.None)).ShouldBe(0);
    }

    /// <summary>A hundred thousand that nobody confirms; ten expire in each second up to the last.</summary>
    private static void Wait(SqliteConnection connection, long last) => connection.Execute(
        """
        WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
        INSERT INTO staged_sign_ins (request_hash, method, proof_hash, kept, compare_code, status, issued_at,
            expires_at)
        SELECT printf('%064x', i), 'email_link', printf('%064x', i + 1000000), 'user' || i || '@example.org',
            'BCDF-GHJK', 'pending', @Last - 20000, @Last - i / 10 - 1 FROM n
        """,
        new { Last = last });
}
