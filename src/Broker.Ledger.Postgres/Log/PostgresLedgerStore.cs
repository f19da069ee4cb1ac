using Broker.Ledger.Notes;
using Broker.Ledger.Postgres.Connections;
using Broker.Ledger.Postgres.Schema;
using Broker.Ledger.Storage;
using Npgsql;

namespace Broker.Ledger.Postgres.Log;

/// <summary>
/// The ledger in a PostgreSQL database. A commit is one transaction, which locks the head row and compares it with what
/// the writer believes. It returns after the server's log is on disk, and on its synchronous standbys where it has
/// any. Any number of processes may open one ledger; of two that commit at once, one goes on and the other is refused.
/// </summary>
internal sealed class PostgresLedgerStore : ILedgerStore
{
    private readonly PostgresAccess _access;
    private readonly NpgsqlDataSource _writing;
    private readonly NpgsqlDataSource _reading;
    private readonly bool _tracksAnchor;
    private NpgsqlConnection? _connection;
    private CommitWriter? _writer;
    private bool _isBroken = true;

    private PostgresLedgerStore(PostgresAccess access, bool tracksAnchor)
    {
        _access = access;
        _tracksAnchor = tracksAnchor;
        _writing = PostgresSource.ForWriting(access);
        _reading = PostgresSource.ForReading(access);
        if (tracksAnchor) AnchorStates = new PostgresAnchorStates(_writing, access);
    }

    public IAnchorStates? AnchorStates { get; }

    /// <summary>The database keeps its indexes with the rows: no look-up is behind.</summary>
    public StoreStatus Status { get; } = new(0, null);

    private CommitWriter Writer => _writer
        ?? throw new LedgerStoreException(StoreFault.Other, "the connection to the database is lost");

    /// <summary>
    /// Opens a ledger that <see cref="PostgresLedger.Prepare"/> has made. Where an anchor is tracked, every entry is
    /// noted as pending in the same transaction.
    /// </summary>
    /// <exception cref="LedgerOpenException">It cannot be a ledger that this Broker writes as this role.</exception>
    public static PostgresLedgerStore Open(PostgresAccess access, bool tracksAnchor)
    {
        var store = new PostgresLedgerStore(access, tracksAnchor);
        try
        {
            store.Connect();
            return store;
        }
        catch (LedgerStoreException e)
        {
            store.Dispose();
            throw LedgerOpenException.For(access.Address.ToString(), e);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    public LedgerHead Load()
    {
        if (_isBroken) Connect();
        return Guarded(writer => writer.Load());
    }

    public void Commit(LedgerCommit commit) => Guarded(writer => writer.Write(commit));

    public void KeepKey(NoteKey key) => Guarded(writer => writer.KeepKey(key.ToString()));

    public void Probe() => Guarded(writer => writer.Probe());

    public ILedgerView OpenView()
    {
        var view = new PostgresLedgerView(_reading);
        _ = view.NewestCheckpoint();
        return view;
    }

    public void Dispose()
    {
        Disconnect();
        _writing.Dispose();
        _reading.Dispose();
    }

    private void Guarded(Action<CommitWriter> transaction) => Guarded(writer =>
    {
        transaction(writer);
        return true;
    });

    /// <summary>Runs a transaction, and leaves none open.</summary>
    private T Guarded<T>(Func<CommitWriter, T> transaction)
    {
        try
        {
            return transaction(Writer);
        }
        catch (Exception e)
        {
            var fault = PostgresFailure.Is(e) ? PostgresFailure.Of(e) : e;
            var isSound = fault is LedgerHeadMovedException or PostgresFailure { Fault: StoreFault.Busy };
            if (!TryRollback() || !isSound) _isBroken = true;
            if (fault == e) throw;
            throw fault;
        }
    }

    private bool TryRollback()
    {
        try
        {
            using var rollback = new NpgsqlCommand("ROLLBACK", _connection);
            rollback.ExecuteNonQuery();
            return true;
        }
        catch (Exception e) when (PostgresFailure.Is(e) || e is InvalidOperationException)
        {
            // The fault that brought us here is the one to report; the connection is replaced before the next batch.
            return false;
        }
    }

    private void Connect()
    {
        Disconnect();
        try
        {
            // A connection on which something has failed is not asked how it is: the server ends its transaction when
            // it goes, and whoever reads the head waits for that end.
            var connection = _writing.OpenConnection();
            _connection = connection;
            SessionRules.Apply(connection, _access);
            ServiceRules.Check(connection, _access);
            _writer = new CommitWriter(connection, _tracksAnchor);
            _isBroken = false;
        }
        catch (Exception e) when (PostgresFailure.Is(e))
        {
            Disconnect();
            throw PostgresFailure.Of(e);
        }
        catch
        {
            Disconnect();
            throw;
        }
    }

    private void Disconnect()
    {
        _isBroken = true;
        _writer = null;
        var connection = _connection;
        _connection = null;
        try
        {
            connection?.Dispose();
        }
        catch (Exception e) when (PostgresFailure.Is(e))
        {
            // It was lost already.
        }
    }
}
