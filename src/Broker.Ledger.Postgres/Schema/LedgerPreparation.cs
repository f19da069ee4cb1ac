using Broker.Ledger.Merkle;
using Broker.Ledger.Postgres.Connections;
using Npgsql;
using NpgsqlTypes;

namespace Broker.Ledger.Postgres.Schema;

/// <summary>Makes the tables of a ledger as their owner, and lets the service's role use them.</summary>
internal static class LedgerPreparation
{
    // Two owners at once: the second waits for the first. The number is ours alone by chance only, which costs a wait.
    private const long Turn = 0x62726f6b6572;

    public static void Run(PostgresAccess owner, string serviceRole)
    {
        using var source = PostgresSource.ForWriting(owner);
        using var connection = source.OpenConnection();
        SessionRules.Apply(connection, owner);
        var schema = Quote(owner.Schema);
        var role = Quote(serviceRole);
        CheckRole(connection, owner, serviceRole);
        Execute(connection, "BEGIN");
        Execute(connection, $"SELECT pg_advisory_xact_lock({Turn})");
        Execute(connection, $"CREATE SCHEMA IF NOT EXISTS {schema}");
        if (FindVersion(connection, owner) is not { } version) Create(connection, schema);
        else if (version != LedgerTables.Version) throw OtherVersion(owner, version);
        Execute(connection, LedgerTables.Grants(schema, role));
        Execute(connection, "COMMIT");
    }

    /// <summary>The form of the ledger that is there; null where there is none.</summary>
    public static int? FindVersion(NpgsqlConnection connection, PostgresAccess access)
    {
        using var find = new NpgsqlCommand("SELECT to_regclass($1) IS NOT NULL", connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = $"{Quote(access.Schema)}.ledger_form" } },
        };
        if (find.ExecuteScalar() is not true) return null;
        using var read = new NpgsqlCommand("SELECT max(version) FROM ledger_form", connection);
        return read.ExecuteScalar() as int?;
    }

    public static LedgerOpenException OtherVersion(PostgresAccess access, int version) => new(
        LedgerOpenFault.ForeignFile, $"the ledger in \"{access.Address}\", schema {access.Schema}, has the form "
        + $"{version}; this Broker writes form {LedgerTables.Version}");

    private static void CheckRole(NpgsqlConnection connection, PostgresAccess owner, string serviceRole)
    {
        using var find = new NpgsqlCommand(
            "SELECT service.rolsuper OR pg_has_role(service.oid, owner.oid, 'MEMBER') "
            + "FROM pg_roles service, pg_roles owner WHERE service.rolname = $1 AND owner.rolname = current_user",
            connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = serviceRole } },
        };
        var why = find.ExecuteScalar() switch
        {
            null => $"there is no role \"{serviceRole}\" at \"{owner.Address}\": create it, with LOGIN and nothing "
                + "else",
            true => $"the role \"{serviceRole}\" can do all that the owner \"{owner.Address.User}\" can: "
                + "give the service a role of its own",
            _ => null,
        };
        if (why is not null) throw new LedgerOpenException(LedgerOpenFault.NotWritable, why);
    }

    private static void Create(NpgsqlConnection connection, string schema)
    {
        Execute(connection, LedgerTables.Create);
        Execute(connection, $"INSERT INTO ledger_form VALUES ({LedgerTables.Version})");
        var root = new byte[MerkleHash.Size];
        TreeHasher.Empty.CopyTo(root);
        const string empty = "INSERT INTO ledger_head (last_id, size, root) VALUES (0, 0, $1)";
        using (var head = new NpgsqlCommand(empty, connection))
        {
            head.Parameters.Add(new NpgsqlParameter { Value = root, NpgsqlDbType = NpgsqlDbType.Bytea });
            head.ExecuteNonQuery();
        }

        Execute(connection, LedgerTriggers.Create(schema));
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
