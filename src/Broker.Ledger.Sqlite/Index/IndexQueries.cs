using Broker.Ledger.Sqlite.Connections;

namespace Broker.Ledger.Sqlite.Index;

/// <summary>Asks the index where rows are. For one thread at a time.</summary>
internal sealed class IndexQueries : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _covered;
    private readonly SqliteStatement _byRecord;
    private readonly SqliteStatement _actorUpwards;
    private readonly SqliteStatement _actorDownwards;
    private readonly SqliteStatement _actorsOf;
    private readonly SqliteStatement _blocks;

    public IndexQueries(string path, int generation)
    {
        Generation = generation;
        _database = SqliteDatabase.OpenForReading(path, TimeSpan.FromSeconds(2));
        try
        {
            _covered = _database.Prepare("SELECT covered FROM state");
            _byRecord = _database.Prepare("SELECT id FROM by_record WHERE seconds = ? AND digits = ? ORDER BY id");
            _actorUpwards = _database.Prepare(
                "SELECT id FROM by_actor WHERE actor = ? AND id > ? AND id < ? ORDER BY id LIMIT ?");
            _actorDownwards = _database.Prepare(
                "SELECT id FROM by_actor WHERE actor = ? AND id > ? AND id < ? ORDER BY id DESC LIMIT ?");
            _actorsOf = _database.Prepare("SELECT actor FROM wallets WHERE wallet = ? LIMIT ?");
            _blocks = _database.Prepare(
                "SELECT first_id, last_id FROM blocks WHERE last_id > ? AND first_id < ? AND last_time >= ? "
                + "AND first_time < ? AND kinds & ? <> 0 ORDER BY first_id");
        }
        catch
        {
            _database.Dispose();
            throw;
        }
    }

    /// <summary>Of which index these are the queries, see <see cref="IIndexAccess.Generation"/>.</summary>
    public int Generation { get; }

    /// <summary>The last row id that the index covers.</summary>
    public long Covered() => Numbers(_covered) is [var covered] ? covered : 0;

    public List<long> Find(RecordKey record)
    {
        _byRecord.Bind(1, record.Seconds);
        _byRecord.Bind(2, record.Digits);
        return Numbers(_byRecord);
    }

    /// <summary>Row ids of an actor between two ids, both left out, at most so many.</summary>
    public List<long> OfActor(long actor, long afterId, long beforeId, bool newestFirst, int limit)
    {
        var statement = newestFirst ? _actorDownwards : _actorUpwards;
        statement.Bind(1, actor);
        statement.Bind(2, afterId);
        statement.Bind(3, beforeId);
        statement.Bind(4, limit);
        return Numbers(statement);
    }

    /// <summary>The actors that a wallet was seen with; null when they are more than <paramref name="most"/>.</summary>
    public List<long>? ActorsOf(long wallet, int most)
    {
        _actorsOf.Bind(1, wallet);
        _actorsOf.Bind(2, most + 1);
        var actors = Numbers(_actorsOf);
        return actors.Count <= most ? actors : null;
    }

    /// <summary>
    /// The stretches of rows, first and last id included, that may hold rows of these times and kinds: in order,
    /// neighbours put together.
    /// </summary>
    public List<(long First, long Last)> Stretches(long afterId, long beforeId, long since, long until, int kinds)
    {
        _blocks.Bind(1, afterId);
        _blocks.Bind(2, beforeId);
        _blocks.Bind(3, since);
        _blocks.Bind(4, until);
        _blocks.Bind(5, kinds);
        var stretches = new List<(long First, long Last)>();
        try
        {
            while (_blocks.Step())
            {
                var (first, last) = (_blocks.Integer(0), _blocks.Integer(1));
                if (stretches is [.., var before] && before.Last + 1 == first) stretches[^1] = (before.First, last);
                else stretches.Add((first, last));
            }

            return stretches;
        }
        finally
        {
            _blocks.Reset();
        }
    }

    public void Dispose() => _database.Dispose();

    private static List<long> Numbers(SqliteStatement statement) => statement.All(static row => row.Integer(0));
}
