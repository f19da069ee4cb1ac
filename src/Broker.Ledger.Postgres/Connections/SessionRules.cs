using Npgsql;

namespace Broker.Ledger.Postgres.Connections;

/// <summary>
/// What a session must be before the ledger writes in it: a server whose commits are on disk when they return, in the
/// encoding of the entries.
/// </summary>
internal static class SessionRules
{
    // PostgreSQL 15, whose locks and triggers the tests have seen.
    private const int OldestVersion = 150000;

    private const string Ask = """
        SELECT current_setting('server_version_num')::int, current_setting('server_version'),
            current_setting('synchronous_commit'), current_setting('fsync'), current_setting('server_encoding'),
            pg_is_in_recovery()
        """;

    /// <summary>
    /// Checks a new session and sets its <c>synchronous_commit</c> to <c>on</c>, unless it is <c>remote_apply</c>.
    /// </summary>
    /// <exception cref="LedgerOpenException">The server does not keep what it says it has committed.</exception>
    /// <exception cref="LedgerStoreException">The server is a standby, for now.</exception>
    public static void Apply(NpgsqlConnection connection, PostgresAccess access)
    {
        string durability;
        using (var ask = new NpgsqlCommand(Ask, connection))
        using (var answer = ask.ExecuteReader())
        {
            answer.Read();
            if (answer.GetInt32(0) < OldestVersion)
                throw Refused(access, $"is PostgreSQL {answer.GetString(1)}: use 15 or later");
            durability = answer.GetString(2);
            if (durability == "off")
            {
                throw Refused(access, "has synchronous_commit=off, with which a commit returns before it is on disk: "
                    + "set it to on for this role, database or server, then start again");
            }

            if (answer.GetString(3) != "on")
            {
                throw Refused(access, "has fsync=off, with which nothing is sure to be on disk: set it to on in "
                    + "postgresql.conf, then start again");
            }

            if (answer.GetString(4) != "UTF8")
            {
                throw Refused(access, $"has the encoding {answer.GetString(4)}: make one with ENCODING 'UTF8'");
            }

            if (answer.GetBoolean(5))
            {
                throw new LedgerStoreException(
                    StoreFault.Other, $"\"{access.Address}\" is a standby, which cannot be written");
            }
        }

        if (durability == "remote_apply") return;
        using var set = new NpgsqlCommand("SET synchronous_commit TO on", connection);
        set.ExecuteNonQuery();
    }

    private static LedgerOpenException Refused(PostgresAccess access, string why) =>
        new(LedgerOpenFault.NotWritable, $"\"{access.Address}\" {why}");
}
