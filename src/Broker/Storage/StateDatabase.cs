using Broker.Configuration;
using Broker.Ledger;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Broker.Storage;

/// <summary>
/// <c>broker.sqlite</c>: what the broker must remember across a restart and may forget in time (challenges, wallet
/// bindings, revocations, idempotency records). WAL, <c>synchronous=FULL</c>, so that a challenge that was used stays
/// used after a power cut. Features see their own small store interface, never this class; PostgreSQL can serve those
/// too.
/// </summary>
internal sealed class StateDatabase
{
    /// <summary>Schema changes in order, never edited once shipped; <c>user_version</c> counts those applied.</summary>
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE wallet_challenges (
            request_id  TEXT PRIMARY KEY,
            nonce       TEXT NOT NULL UNIQUE,
            address     TEXT NOT NULL,
            message     TEXT NOT NULL,
            issued_at   INTEGER NOT NULL,
            expires_at  INTEGER NOT NULL,
            consumed_at INTEGER NULL
        ) STRICT;
        CREATE INDEX wallet_challenges_by_expiry ON wallet_challenges (expires_at);

        CREATE TABLE wallets (
            address        TEXT PRIMARY KEY,
            omni_account   TEXT NOT NULL,
            role           TEXT NOT NULL CHECK (role IN ('master', 'daemon')),
            parent_address TEXT NULL,
            created_at     INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX wallets_by_omni ON wallets (omni_account);

        CREATE TABLE revoked_sessions (
            token_id   TEXT PRIMARY KEY,
            expires_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE signed_requests (
            actor_omni TEXT NOT NULL,
            request_id TEXT NOT NULL,
            expires_at INTEGER NOT NULL,
            PRIMARY KEY (actor_omni, request_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX signed_requests_by_expiry ON signed_requests (expires_at);

        CREATE TABLE idempotency (
            scope      TEXT PRIMARY KEY,
            body_hash  TEXT NOT NULL,
            answer     BLOB NULL,
            expires_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX idempotency_by_expiry ON idempotency (expires_at);
        """,
    ];

    private const int FullDisk = 13;
    private const int NoSpaceLeft = 28;

    // SQLite copies its log after about as much; this only cuts a log that was longer once.
    private const int LongestLog = 4 << 20;

    private readonly string _connectionString;

    private StateDatabase(string path) => _connectionString = new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = SqliteOpenMode.ReadWriteCreate,
        Pooling = true,
        DefaultTimeout = 2,
    }.ToString();

    /// <exception cref="BootFailException">The file cannot be opened, written or migrated.</exception>
    public static StateDatabase Open(string path)
    {
        SqliteLibrary.EnsureLoaded();
        try
        {
            Directory.CreateDirectory(
                Path.GetDirectoryName(path)!,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            if (!File.Exists(path))
            {
                // Made here rather than by SQLite, so that it is never readable by others, not even for a moment.
                using var created = new FileStream(path, new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                });
            }

            var database = new StateDatabase(path);
            database.Migrate();
            return database;
        }
        catch (Exception fault) when (fault is SqliteException or IOException or UnauthorizedAccessException)
        {
            var isFull = fault is SqliteException { SqliteErrorCode: FullDisk } or IOException { HResult: NoSpaceLeft };
            throw BootFailException.At(Settings.StateDatabase, path,
                $"the state database cannot be opened{(isFull ? ", the disk is full" : "")}: {fault.Message}", fault);
        }
    }

    /// <summary>An open connection from the pool.</summary>
    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        // Per connection, and the pool does not remember it (contract §15.12).
        connection.Execute($"PRAGMA synchronous=FULL; PRAGMA journal_size_limit={LongestLog}");
        return connection;
    }

    /// <summary>Proves that the file can be written now, for <c>/readyz</c>.</summary>
    public void ProbeWrite()
    {
        using var connection = Connect();
        connection.Execute("CREATE TABLE IF NOT EXISTS _readyz_probe (id INTEGER PRIMARY KEY, at INTEGER NOT NULL)");
        connection.Execute(
            "INSERT INTO _readyz_probe (id, at) VALUES (1, unixepoch()) "
            + "ON CONFLICT (id) DO UPDATE SET at = excluded.at");
    }

    private void Migrate()
    {
        using var connection = Connect();
        connection.Execute("PRAGMA journal_mode=WAL");

        try
        {
            Migrate(connection);
        }
        catch
        {
            // Closes it instead of keeping it in the pool, which undoes what was not committed.
            SqliteConnection.ClearPool(connection);
            throw;
        }
    }

    private static void Migrate(SqliteConnection connection)
    {
        // Not by BeginTransaction: its roll-back fails after SQLite has rolled back by itself, as it does on a full
        // disk, and that failure would hide the first one.
        connection.Execute("BEGIN IMMEDIATE");
        var applied = connection.ExecuteScalar<int>("PRAGMA user_version");
        if (applied > Migrations.Length)
        {
            throw new IOException(
                $"it was written by a newer version (schema {applied}, this program knows {Migrations.Length})");
        }

        foreach (var migration in Migrations.Skip(applied)) connection.Execute(migration);

        // Written at every start: a disk that is full must show now.
        connection.Execute($"PRAGMA user_version={Migrations.Length}");
        connection.Execute("COMMIT");
    }
}
