using Broker.Ledger.Sqlite.Connections;
using Broker.Ledger.Sqlite.Index;

namespace Broker.Ledger.Sqlite.Log;

/// <summary>
/// Finds rows: in the index as far as it goes, then in the rows behind it, so that an answer is never stale. What the
/// index says is compared with the row in the log; where it is wrong, and where there is no index, the log alone
/// answers. For one thread at a time.
/// </summary>
internal sealed class SqliteRowFinder(SqliteDatabase log, IIndexAccess access, Func<long, LedgerRow?> at) : IDisposable
{
    // Actors of one wallet that are looked up one by one. With more, one reading of the log is as good.
    private const int MostActors = 16;

    private readonly SqliteStatement _byRecordId = log.Prepare(
        $"SELECT {SqliteLedgerSchema.EntryColumns} FROM mint_log WHERE record_id = ? AND id > ?");

    private IndexQueries? _queries;

    /// <summary>The row of a record id.</summary>
    public LedgerRow? Find(string recordId)
    {
        var record = RecordKey.Of(recordId);
        var covered = 0L;
        if (UseIndex(index => new Found(index.Covered(), index.Find(record))) is { } found)
        {
            covered = found.Covered;
            foreach (var id in found.Ids)
            {
                var row = at(id);
                if (row?.Columns.RecordId == recordId) return row;
                if (row is null || RecordKey.Of(row.Columns.RecordId) != record) return FindWithoutIndex(recordId);
            }
        }

        var head = covered;
        var recent = access.Tail?.Find(covered, keys => keys.Record == record, out head);
        return recent?.Select(at).FirstOrDefault(row => row?.Columns.RecordId == recordId)
            ?? FindBehind(recent is null ? covered : Math.Max(covered, head), recordId);
    }

    /// <summary>The rows that match, in the filter's direction beyond an id.</summary>
    public List<LedgerRow> Page(LedgerFilter filter, long beyondId, int limit)
    {
        var (after, before) = filter.NewestFirst
            ? (filter.AfterId, beyondId)
            : (Math.Max(filter.AfterId, beyondId), long.MaxValue);
        if (filter is { ActorOmni: null, Wallet: null, Kind: null, Since: null, Until: null }
            || UseIndex(index => PlanOf(index, filter, after, before)) is not { } plan)
        {
            return SqliteRowQuery.Read(log, filter, after, before, limit);
        }

        var rows = new List<LedgerRow>();
        if (filter.NewestFirst) ReadBehind(plan.Covered);
        var isRight = plan.Actors is null ? ReadStretches(plan.Stretches) : ReadActors(plan.Actors, plan.Covered);
        if (!isRight) return SqliteRowQuery.Read(log, filter, after, before, limit);
        if (!filter.NewestFirst) ReadBehind(plan.Covered);
        return rows;

        bool ReadStretches(List<(long First, long Last)> stretches)
        {
            // The index may have gone on since it was asked how far it goes: its last block then goes further too.
            var end = Math.Min(before, plan.Covered + 1);
            foreach (var (first, last) in filter.NewestFirst ? Enumerable.Reverse(stretches) : stretches)
            {
                if (rows.Count >= limit) break;
                rows.AddRange(SqliteRowQuery.Read(
                    log, filter, Math.Max(after, first - 1), Math.Min(end, last + 1), limit - rows.Count));
            }

            return true;
        }

        bool ReadActors(List<long> actors, long covered)
        {
            var end = Math.Min(before, covered + 1);
            var start = after;
            while (rows.Count < limit && start + 1 < end)
            {
                // Every actor's next ones, of which only so many are sure to be the next ones of all.
                var wanted = limit - rows.Count;
                if (UseIndex(index => NextOf(index, actors, start, end, filter.NewestFirst, wanted)) is not { } next)
                    return false;
                foreach (var id in next)
                {
                    if (at(id) is not { } row) return Doubt();
                    if (!actors.Contains(EntryKeys.OfOmni(row.Columns.ActorOmni))) return Doubt();
                    if (filter.Matches(row.Columns)) rows.Add(row);
                }

                if (next.Count < wanted) break;
                if (filter.NewestFirst) end = next[^1];
                else start = next[^1];
            }

            return true;
        }

        void ReadBehind(long covered)
        {
            var low = Math.Max(after, covered);
            var wanted = limit - rows.Count;
            if (wanted <= 0 || low + 1 >= before) return;
            var head = low;
            var recent = access.Tail?.Find(low, keys => IsWanted(keys, filter), out head);
            head = recent is null ? low : Math.Max(low, head);
            if (filter.NewestFirst) rows.AddRange(SqliteRowQuery.Read(log, filter, head, before, wanted));
            if (recent is not null)
            {
                if (filter.NewestFirst) recent.Reverse();
                rows.AddRange(recent.Where(id => id < before).Select(at).OfType<LedgerRow>()
                    .Where(row => filter.Matches(row.Columns)).Take(limit - rows.Count));
            }

            if (!filter.NewestFirst && rows.Count < limit)
                rows.AddRange(SqliteRowQuery.Read(log, filter, head, before, limit - rows.Count));
        }
    }

    public void Dispose() => _queries?.Dispose();

    private static bool IsWanted(EntryKeys keys, LedgerFilter filter) =>
        (filter.ActorOmni is not { } omni || keys.Actor == EntryKeys.OfOmni(omni))
        && (filter.Wallet is not { } wallet || keys.Wallet == EntryKeys.OfWallet(wallet));

    private static Plan PlanOf(IndexQueries index, LedgerFilter filter, long after, long before)
    {
        var covered = index.Covered();
        var actors = filter.ActorOmni is { } omni ? [EntryKeys.OfOmni(omni)]
            : filter.Wallet is { } wallet ? index.ActorsOf(EntryKeys.OfWallet(wallet), MostActors)
            : null;
        var stretches = actors is not null ? [] : index.Stretches(
            after, Math.Min(before, covered + 1),
            filter.Since?.ToUnixTimeSeconds() ?? long.MinValue, filter.Until?.ToUnixTimeSeconds() ?? long.MaxValue,
            filter.Kind is { } kind ? IndexRow.BitOf(kind) : -1);
        return new Plan(covered, actors, stretches);
    }

    private static List<long> NextOf(
        IndexQueries index, List<long> actors, long after, long before, bool newestFirst, int limit)
    {
        var ids = actors.SelectMany(actor => index.OfActor(actor, after, before, newestFirst, limit));
        return [.. (newestFirst ? ids.OrderDescending() : ids.Order()).Take(limit)];
    }

    private LedgerRow? FindWithoutIndex(string recordId)
    {
        Doubt();
        return FindBehind(0, recordId);
    }

    private LedgerRow? FindBehind(long id, string recordId)
    {
        _byRecordId.Bind(1, recordId);
        _byRecordId.Bind(2, id);
        return _byRecordId.First<LedgerRow?>(SqliteRowReader.Read, null);
    }

    // A row that is not there, or is another's, says that the index is wrong, unless the index has been made anew.
    private bool Doubt()
    {
        if (_queries is not null) access.Distrust(_queries.Generation);
        return false;
    }

    /// <summary>Asks the index; null where there is none, or a wrong one.</summary>
    private T? UseIndex<T>(Func<IndexQueries, T> ask)
        where T : class
    {
        if (access.Generation() is not { } generation) return default;
        try
        {
            if (_queries?.Generation != generation)
            {
                _queries?.Dispose();
                _queries = null;
                _queries = new IndexQueries(access.Path, generation);
            }

            return ask(_queries);
        }
        catch (SqliteFailure e)
        {
            if (!e.IsBusy) access.Distrust(generation);
            _queries?.Dispose();
            _queries = null;
            return default;
        }
    }

    private sealed record Found(long Covered, List<long> Ids);

    /// <summary>How rows are found.</summary>
    /// <param name="Covered">The last row id that the index covers.</param>
    /// <param name="Actors">Keys of the actors whose rows they are; null where the rows lie in stretches.</param>
    /// <param name="Stretches">First and last id of runs of rows.</param>
    private sealed record Plan(long Covered, List<long>? Actors, List<(long First, long Last)> Stretches);
}
