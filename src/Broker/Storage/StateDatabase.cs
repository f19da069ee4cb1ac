using System.Runtime.ExceptionServices;
using Broker.Foundation.Settings;
using Broker.Ledger.Sqlite.Connections;
using Broker.Modules;
using Dapper;
using DbUp;
using DbUp.Engine;
using Microsoft.Data.Sqlite;

namespace Broker.Storage;

/// <summary>
/// <c>broker.sqlite</c>: what the broker must remember across a restart and may forget in time (challenges, wallet
/// bindings, links, grants, pairings, revocations, idempotency records). WAL, <c>synchronous=FULL</c>, so that a
/// challenge that was used stays used after a power cut. Features see their own small store interface, never this
/// class; PostgreSQL can serve those too.
/// </summary>
internal sealed class StateDatabase
{
    /// <summary>Of the file's own form, not of the features' tables; those have names.</summary>
    private const int SchemaForm = 1;

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
    public static StateDatabase Open(string path, IReadOnlyList<StateTable> tables)
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
            database.Migrate(tables);
            return database;
        }
        catch (Exception fault) when (fault is SqliteException or IOException or UnauthorizedAccessException)
        {
            var isFull = fault is SqliteException { SqliteErrorCode: FullDisk } or IOException { HResult: NoSpaceLeft };
            throw BootFailException.At(StorageSettings.StateDatabase, path,
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

    /// <summary>What <c>/readyz</c> says of it.</summary>
    public ReadinessCheck CheckReadiness()
    {
        try
        {
            ProbeWrite();
            return new ReadinessCheck("state", Readiness.Ready);
        }
        catch (SqliteException fault)
        {
            return new ReadinessCheck("state", Readiness.Unready,
                $"the state database cannot be written (SQLite error {fault.SqliteErrorCode})");
        }
    }

    /// <summary>Applies what was not applied yet, in order, each change in a transaction of its own.</summary>
    private void Migrate(IReadOnlyList<StateTable> tables)
    {
        var upgrade = DeployChanges.To.SqliteDatabase(_connectionString)
            .WithScripts(tables.Select((table, order) => new SqlScript(table.Name, table.Script, new SqlScriptOptions
            {
                RunGroupOrder = order,
            })))
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogToNowhere()
            .Build();

        using var connection = Connect();
        connection.Execute("PRAGMA journal_mode=WAL");
        var form = connection.ExecuteScalar<int>("PRAGMA user_version");
        var unknown = form == 0
            ? null
            : upgrade.GetExecutedScripts().Except(tables.Select(table => table.Name)).FirstOrDefault();
        if (form > SchemaForm || unknown is not null)
        {
            throw new IOException(
                $"it was written by a newer version (schema {form}{(unknown is null ? "" : $", {unknown}")}, this "
                + $"program knows {SchemaForm})");
        }

        if (upgrade.PerformUpgrade() is { Successful: false } failed)
            ExceptionDispatchInfo.Throw(failed.Error);

        // Written at every start: a disk that is full must show now.
        connection.Execute($"PRAGMA user_version={SchemaForm}");
    }
}
