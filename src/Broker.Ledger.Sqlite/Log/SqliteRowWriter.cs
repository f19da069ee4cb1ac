using Broker.Ledger.Merkle;
using Broker.Ledger.Sqlite.Connections;

namespace Broker.Ledger.Sqlite.Log;

/// <summary>
/// Inserts rows. SQLite reads the texts where the request's thread has put them; nothing is converted or copied here.
/// </summary>
internal sealed unsafe class SqliteRowWriter(SqliteDatabase database)
{
    private readonly SqliteStatement _insert = database.Prepare(
        $"INSERT INTO mint_log ({SqliteLedgerSchema.EntryColumns}) " +
        "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");

    public void Insert(EncodedEntry entry, long id, in MerkleHash leaf)
    {
        var columns = entry.Columns;
        var hex = stackalloc byte[2 * MerkleHash.Size];
        leaf.WriteHex(new Span<byte>(hex, 2 * MerkleHash.Size));
        fixed (byte* bytes = entry.Bytes)
        {
            _insert.Bind(1, id);
            _insert.Bind(2, columns.MintedAt);
            Bind(3, entry, EntryText.RequesterToken, bytes);
            Bind(4, entry, EntryText.RequesterWallet, bytes);
            Bind(5, entry, EntryText.RequestedRole, bytes);
            _insert.Bind(6, columns.SessionDurationSeconds);
            Bind(7, entry, EntryText.StsSessionName, bytes);
            Bind(8, entry, EntryText.Outcome, bytes);
            if (columns.OutcomeDetail is null) _insert.BindNull(9);
            else Bind(9, entry, EntryText.OutcomeDetail, bytes);
            Bind(10, entry, EntryText.RecordId, bytes);
            Bind(11, entry, EntryText.Kind, bytes);
            Bind(12, entry, EntryText.ActorOmni, bytes);
            Bind(13, entry, EntryText.Subject, bytes);
            Bind(14, entry, EntryText.RequestId, bytes);
            Bind(15, entry, EntryText.RequestHash, bytes);
            Bind(16, entry, EntryText.AccessKeyId, bytes);
            _insert.Bind(17, columns.ExpiresAt);
            Bind(18, entry, EntryText.Evidence, bytes);
            _insert.BindStill(19, hex, 2 * MerkleHash.Size);
            _insert.Run();
        }
    }

    private void Bind(int index, EncodedEntry entry, EntryText text, byte* bytes)
    {
        var (start, length) = entry.Place(text);
        _insert.BindStill(index, bytes + start, length);
    }
}
