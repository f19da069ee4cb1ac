using Broker.Ledger.Sqlite.Connections;
using Broker.Ledger.Sqlite.Log;
using Broker.Ledger.Verification;

namespace Broker.Ledger.Sqlite.Copies;

/// <summary>
/// Copies the rows of a ledger up to its newest checkpoint into an empty file, a stretch at a time: whoever writes the
/// ledger meanwhile is kept from nothing, and its write-ahead log can be cut.
/// </summary>
internal sealed class LedgerCopy : IDisposable
{
    private const int RowsAtOnce = 8192;

    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(5);

    private readonly SqliteDatabase _target;
    private readonly long _size;
    private readonly long _version;

    private LedgerCopy(string source, string target, long? version)
    {
        _target = SqliteDatabase.OpenForWriting(target, BusyTimeout);
        try
        {
            // Nobody knows of the file yet; a copy that is not finished is deleted.
            _target.Execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
            using (var attach = _target.Prepare("ATTACH ? AS source"))
            {
                attach.Bind(1, source);
                attach.Run();
            }

            _size = _target.ReadInteger("SELECT coalesce(max(tree_size), 0) FROM source.checkpoints") ?? 0;
            RefuseLooseRows();
            _version = version ?? _target.ReadInteger("PRAGMA source.user_version") ?? 0;
        }
        catch
        {
            _target.Dispose();
            throw;
        }
    }

    /// <param name="version">The form of the copy; null for that of the source.</param>
    /// <exception cref="LedgerOpenException">Rows and checkpoints of the source do not fit together.</exception>
    /// <exception cref="SqliteFailure">The source cannot be read, or the copy not be written.</exception>
    public static void Run(
        string source, string target, long? version, IProgress<VerificationProgress>? progress, CancellationToken stop)
    {
        using var copy = new LedgerCopy(source, target, version);
        copy.CopyTables(progress, stop);
    }

    public void Dispose() => _target.Dispose();

    private void CopyTables(IProgress<VerificationProgress>? progress, CancellationToken stop)
    {
        SqliteLedgerSchema.CreateTables(_target, _version);
        using (var rows = _target.Prepare(
            $"INSERT INTO main.mint_log ({SqliteLedgerSchema.EntryColumns}) SELECT {SqliteLedgerSchema.EntryColumns} " +
            "FROM source.mint_log WHERE id > ? AND id <= ? ORDER BY id"))
        {
            for (var done = 0L; done < _size; done = Math.Min(_size, done + RowsAtOnce))
            {
                stop.ThrowIfCancellationRequested();
                rows.Bind(1, done);
                rows.Bind(2, Math.Min(_size, done + RowsAtOnce));
                rows.Run();
                progress?.Report(new VerificationProgress(done, _size));
            }
        }

        _target.Execute(
            $"INSERT INTO main.tree_tiles SELECT * FROM source.tree_tiles WHERE tile < ({_size} >> (8 * (level + 1)))");
        _target.Execute($"INSERT INTO main.checkpoints SELECT * FROM source.checkpoints WHERE tree_size <= {_size}");
        if (Has("checkpoint_keys"))
        {
            _target.Execute(SqliteLedgerSchema.KeyTable);
            _target.Execute("INSERT INTO main.checkpoint_keys SELECT * FROM source.checkpoint_keys");
        }

        if (Has("plugin_mint_log"))
        {
            AnchorStates.CreateTables(_target);
            _target.Execute(
                $"INSERT INTO main.plugin_mint_log SELECT * FROM source.plugin_mint_log WHERE row_id <= {_size}");
            _target.Execute("INSERT INTO main.anchor_archives SELECT * FROM source.anchor_archives");
        }

        SqliteLedgerSchema.CreateTriggers(_target, _version);
    }

    // A commit writes its rows and its checkpoint at once. Rows behind the newest one say that somebody took its
    // checkpoint away; a copy without them would verify.
    private void RefuseLooseRows()
    {
        using var ends = _target.Prepare(
            "SELECT (SELECT coalesce(max(id), 0) FROM source.mint_log), "
            + "(SELECT coalesce(max(tree_size), 0) FROM source.checkpoints)");
        _ = ends.Step();
        if (ends.Integer(0) == ends.Integer(1)) return;
        throw new LedgerOpenException(LedgerOpenFault.Damaged,
            $"the ledger is damaged: the table mint_log ends at row {ends.Integer(0)}, the newest checkpoint at "
            + $"{ends.Integer(1)}; `brokerctl ledger verify` says more");
    }

    private bool Has(string table) => _target.ReadInteger(
        $"SELECT 1 FROM source.sqlite_schema WHERE type = 'table' AND name = '{table}'") is not null;
}
