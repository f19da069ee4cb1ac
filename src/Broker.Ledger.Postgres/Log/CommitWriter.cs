using Broker.Ledger.Merkle;
using Broker.Ledger.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Broker.Ledger.Postgres.Log;

/// <summary>
/// The writer's transactions on one connection, each from its lock of the head to its COMMIT. After a fault the caller
/// rolls back.
/// </summary>
internal sealed class CommitWriter
{
    // Whatever the server's defaults are: the comparison of the head needs the newest head, not that of a snapshot.
    private const string BeginText = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

    private readonly NpgsqlConnection _connection;
    private readonly bool _tracksAnchor;
    private readonly NpgsqlBatch _begin;
    private readonly NpgsqlBatch _end;
    private string? _warning;

    /// <param name="connection">Open, and used by nobody else.</param>
    /// <param name="tracksAnchor">Whether rows are noted as pending.</param>
    public CommitWriter(NpgsqlConnection connection, bool tracksAnchor)
    {
        _connection = connection;
        _tracksAnchor = tracksAnchor;
        connection.Notice += (_, said) =>
        {
            if (said.Notice.InvariantSeverity == "WARNING") _warning = said.Notice.MessageText;
        };
        _begin = new NpgsqlBatch(connection)
        {
            BatchCommands = { new(BeginText), new("SELECT size, root FROM ledger_head FOR UPDATE") },
        };
        _end = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("INSERT INTO checkpoints (tree_size, root, note, created_at) VALUES ($1, $2, $3, $4)")
                {
                    Parameters =
                    {
                        new NpgsqlParameter<long>(),
                        new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bytea },
                        new NpgsqlParameter<string> { NpgsqlDbType = NpgsqlDbType.Text },
                        new NpgsqlParameter<long>(),
                    },
                },
                new("UPDATE ledger_head SET size = $1, root = $2")
                {
                    Parameters =
                    {
                        new NpgsqlParameter<long>(),
                        new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bytea },
                    },
                },
                new("COMMIT"),
            },
        };
    }

    /// <summary>Writes a commit. Returns after COMMIT has said that it is durable.</summary>
    /// <exception cref="LedgerHeadMovedException">The ledger stands elsewhere than the commit expects.</exception>
    public void Write(LedgerCommit commit)
    {
        var (size, root) = Begin();
        if (size != commit.ExpectedSize || root != commit.ExpectedRoot)
            throw new LedgerHeadMovedException(commit.ExpectedSize, size);
        RowWriter.Rows(_connection, commit.Rows, commit.ExpectedSize);
        if (_tracksAnchor) RowWriter.AnchorStates(_connection, commit.Rows, commit.ExpectedSize);
        RowWriter.Tiles(_connection, commit.Tiles);
        End(commit);
    }

    /// <summary>Reads where the ledger stands, after whatever was under way.</summary>
    public LedgerHead Load()
    {
        Execute(BeginText);
        var head = StoredHead.Load(_connection);
        Execute("COMMIT");
        return head;
    }

    /// <summary>Keeps a key, once; holds the head meanwhile, so that the keys have an order.</summary>
    public void KeepKey(string key)
    {
        Begin();
        using var insert = new NpgsqlCommand(
            "INSERT INTO checkpoint_keys (id, vkey) SELECT coalesce(max(id), 0) + 1, $1 FROM checkpoint_keys "
            + "HAVING NOT EXISTS (SELECT FROM checkpoint_keys WHERE vkey = $1)", _connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = key } },
        };
        insert.ExecuteNonQuery();
        Durably(() => Execute("COMMIT"));
    }

    /// <summary>Locks the head, which is a write of the server's log, and commits.</summary>
    public void Probe()
    {
        Begin();
        Durably(() => Execute("COMMIT"));
    }

    private (long Size, MerkleHash Root) Begin()
    {
        using var head = _begin.ExecuteReader();
        return head.Read()
            ? (head.GetInt64(0), new MerkleHash(head.GetFieldValue<byte[]>(1)))
            : throw new LedgerOpenException(LedgerOpenFault.Damaged, "the ledger is damaged: it has no head");
    }

    private void End(LedgerCommit commit)
    {
        var root = RowWriter.Bytes(commit.Checkpoint.Root);
        var checkpoint = _end.BatchCommands[0].Parameters;
        checkpoint[0].Value = commit.Checkpoint.Size;
        checkpoint[1].Value = root;
        checkpoint[2].Value = commit.Note;
        checkpoint[3].Value = commit.At.ToUnixTimeSeconds();
        var head = _end.BatchCommands[1].Parameters;
        head[0].Value = commit.Checkpoint.Size;
        head[1].Value = root;
        Durably(() => _end.ExecuteNonQuery());
    }

    // A COMMIT whose wait for a standby was cancelled, by a time limit or an operator, succeeds all the same, with a
    // warning that the standby may not have it (PostgreSQL's SyncRepWaitForLSN).
    private void Durably(Action commit)
    {
        _warning = null;
        commit();
        if (_warning is { } warning)
            throw new LedgerStoreException(StoreFault.Other, $"committed, but not as durably as asked for: {warning}");
    }

    private void Execute(string sql)
    {
        using var command = new NpgsqlCommand(sql, _connection);
        command.ExecuteNonQuery();
    }
}
