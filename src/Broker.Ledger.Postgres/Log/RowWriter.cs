using Broker.Ledger.Merkle;
using Broker.Ledger.Postgres.Schema;
using Broker.Ledger.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Broker.Ledger.Postgres.Log;

/// <summary>Writes rows and tiles, within a transaction that is open, by binary COPY.</summary>
internal static class RowWriter
{
    private const string CopyRows = $"COPY mint_log ({LedgerTables.EntryColumns}) FROM STDIN (FORMAT BINARY)";

    private const string CopyTiles = "COPY tree_tiles (level, tile, root, hashes) FROM STDIN (FORMAT BINARY)";

    private const string CopyStates =
        "COPY plugin_mint_log (id, minted_at, record_hash, omni_account, wallet, agent_id, service, status, outcome, "
        + "outcome_detail, row_id) FROM STDIN (FORMAT BINARY)";

    /// <summary>The rows, the first of which comes behind <paramref name="lastId"/>.</summary>
    public static void Rows(NpgsqlConnection connection, IReadOnlyList<NewRow> rows, long lastId)
    {
        using var copy = connection.BeginBinaryImport(CopyRows);
        foreach (var row in rows)
        {
            var columns = row.Entry.Columns;
            copy.StartRow();
            Integer(copy, ++lastId);
            Integer(copy, columns.MintedAt);
            Text(copy, columns.RequesterToken);
            Text(copy, columns.RequesterWallet);
            Text(copy, columns.RequestedRole);
            copy.Write(columns.SessionDurationSeconds, NpgsqlDbType.Integer);
            Text(copy, columns.StsSessionName);
            Text(copy, columns.Outcome);
            Text(copy, columns.OutcomeDetail);
            Text(copy, columns.RecordId);
            Text(copy, columns.Kind);
            Text(copy, columns.ActorOmni);
            Text(copy, columns.Subject);
            Text(copy, columns.RequestId);
            Text(copy, columns.RequestHash);
            Text(copy, columns.AccessKeyId);
            Integer(copy, columns.ExpiresAt);
            Text(copy, columns.Evidence);
            copy.Write(row.Leaf.ToHex(), NpgsqlDbType.Text);
        }

        copy.Complete();
    }

    public static void Tiles(NpgsqlConnection connection, IReadOnlyList<FullTile> tiles)
    {
        if (tiles.Count == 0) return;
        using var copy = connection.BeginBinaryImport(CopyTiles);
        foreach (var tile in tiles)
        {
            copy.StartRow();
            copy.Write(tile.Level, NpgsqlDbType.Integer);
            Integer(copy, tile.Number);
            copy.Write(Bytes(tile.Nodes.Root), NpgsqlDbType.Bytea);
            copy.Write(tile.Nodes.ToBytes(), NpgsqlDbType.Bytea);
        }

        copy.Complete();
    }

    /// <summary>Notes that the anchor does not hold the rows yet.</summary>
    public static void AnchorStates(NpgsqlConnection connection, IReadOnlyList<NewRow> rows, long lastId)
    {
        using var copy = connection.BeginBinaryImport(CopyStates);
        foreach (var row in rows)
        {
            var columns = row.Entry.Columns;
            copy.StartRow();
            Text(copy, columns.RecordId);
            Integer(copy, columns.MintedAt);
            copy.Write(row.Leaf.ToHex(), NpgsqlDbType.Text);
            Text(copy, columns.ActorOmni);
            Text(copy, columns.RequesterWallet);
            Text(copy, columns.StsSessionName);
            Text(copy, columns.RequestedRole);
            copy.Write("pending", NpgsqlDbType.Text);
            Text(copy, columns.Outcome);
            Text(copy, columns.OutcomeDetail);
            Integer(copy, ++lastId);
        }

        copy.Complete();
    }

    public static byte[] Bytes(in MerkleHash hash)
    {
        var bytes = new byte[MerkleHash.Size];
        hash.CopyTo(bytes);
        return bytes;
    }

    private static void Integer(NpgsqlBinaryImporter copy, long value) => copy.Write(value, NpgsqlDbType.Bigint);

    private static void Text(NpgsqlBinaryImporter copy, string? text)
    {
        if (text is null) copy.WriteNull();
        else copy.Write(StoredText.Of(text), NpgsqlDbType.Text);
    }
}
