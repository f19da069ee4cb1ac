using Broker.Ledger.Postgres.Connections;
using Npgsql;

namespace Broker.Ledger.Postgres.Schema;

/// <summary>
/// What the service's role must be: one that finds the ledger, and that cannot change what is on record.
/// </summary>
internal static class ServiceRules
{
    private const string FindPower = """
        SELECT r.rolsuper
            OR bool_or(has_table_privilege(t.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER'))
            OR bool_or(pg_has_role(t.relowner, 'MEMBER'))
        FROM pg_roles r, pg_class t
        WHERE r.rolname = current_user AND t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace
        GROUP BY r.rolsuper
        """;

    /// <exception cref="LedgerOpenException">There is no ledger, or the role may do more than append.</exception>
    public static void Check(NpgsqlConnection connection, PostgresAccess access)
    {
        if (FindVersion(connection, access) is not { } version) throw Absent(access, null);
        if (version != LedgerTables.Version) throw LedgerPreparation.OtherVersion(access, version);
        using var find = new NpgsqlCommand(FindPower, connection);
        if (find.ExecuteScalar() is not true) return;
        throw new LedgerOpenException(LedgerOpenFault.NotWritable,
            $"the role \"{access.Address.User}\" may change what is on record: connect as the role that the ledger was "
            + "prepared for, which may only read and append");
    }

    private static int? FindVersion(NpgsqlConnection connection, PostgresAccess access)
    {
        try
        {
            return LedgerPreparation.FindVersion(connection, access);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw Absent(access, e);
        }
    }

    private static LedgerOpenException Absent(PostgresAccess access, Exception? cause) => new(
        LedgerOpenFault.ForeignFile,
        $"\"{access.Address}\" has no ledger in the schema {access.Schema} that this role may use: prepare it as the "
        + "owner of the database", cause);
}
