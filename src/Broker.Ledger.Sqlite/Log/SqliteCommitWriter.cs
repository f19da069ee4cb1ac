using Broker.Ledger.Merkle;
using Broker.Ledger.Sqlite.Connections;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Sqlite.Log;

/// <summary>Writes a commit within a transaction that is open, by the prepared statements of one connection.</summary>
internal sealed class SqliteCommitWriter(SqliteDatabase database, bool tracksAnchor)
{
    private readonly SqliteRowWriter _rows = new(database);

    private readonly SqliteStatement _head =
        database.Prepare("SELECT tree_size, root FROM checkpoints ORDER BY tree_size DESC LIMIT 1");

    private readonly SqliteStatement _insertTile =
        database.Prepare("INSERT INTO tree_tiles (level, tile, root, hashes) VALUES (?,?,?,?)");

    private readonly SqliteStatement _insertCheckpoint =
        database.Prepare("INSERT INTO checkpoints (tree_size, root, note, created_at) VALUES (?,?,?,?)");

    private readonly SqliteStatement? _insertAnchorState =
        tracksAnchor ? AnchorStates.PrepareInsert(database) : null;

    /// <exception cref="LedgerHeadMovedException">The ledger stands elsewhere than the commit expects.</exception>
    public void Write(LedgerCommit commit)
    {
        CheckHead(commit);
        var id = commit.ExpectedSize;
        foreach (var row in commit.Rows)
        {
            _rows.Insert(row.Entry, ++id, row.Leaf);
            if (_insertAnchorState is not null)
                AnchorStates.Insert(_insertAnchorState, row.Entry.Columns, id, row.Leaf);
        }

        foreach (var tile in commit.Tiles) InsertTile(tile);
        InsertCheckpoint(commit);
    }

    private void CheckHead(LedgerCommit commit)
    {
        var (size, root) = (0L, TreeHasher.Empty);
        try
        {
            if (_head.Step()) (size, root) = (_head.Integer(0), new MerkleHash(_head.Blob(1)));
        }
        finally
        {
            _head.Reset();
        }

        if (size != commit.ExpectedSize || root != commit.ExpectedRoot)
            throw new LedgerHeadMovedException(commit.ExpectedSize, size);
    }

    private void InsertTile(FullTile tile)
    {
        Span<byte> root = stackalloc byte[MerkleHash.Size];
        tile.Nodes.Root.CopyTo(root);
        _insertTile.Bind(1, tile.Level);
        _insertTile.Bind(2, tile.Number);
        _insertTile.BindBlob(3, root);
        _insertTile.BindBlob(4, tile.Nodes.ToBytes());
        _insertTile.Run();
    }

    private void InsertCheckpoint(LedgerCommit commit)
    {
        Span<byte> root = stackalloc byte[MerkleHash.Size];
        commit.Checkpoint.Root.CopyTo(root);
        _insertCheckpoint.Bind(1, commit.Checkpoint.Size);
        _insertCheckpoint.BindBlob(2, root);
        _insertCheckpoint.Bind(3, commit.Note);
        _insertCheckpoint.Bind(4, commit.At.ToUnixTimeSeconds());
        _insertCheckpoint.Run();
    }
}
