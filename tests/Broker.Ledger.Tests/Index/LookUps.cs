using Broker.Ledger.Reading;

namespace Broker.Ledger.Tests.Index;

/// <summary>
/// Asks for rows in every way, and compares each answer with a plain walk over all rows, which needs no index.
/// </summary>
internal sealed class LookUps
{
    // Without an index each one is a walk of its own.
    private const int RowsPerFind = 23;

    private readonly LedgerReader _reader;
    private readonly IReadOnlyList<LedgerRow> _all;
    private readonly Random _random;

    public LookUps(LedgerReader reader, long size)
    {
        _reader = reader;
        _random = new Random((int)size);
        _all = [.. reader.Rows(new LedgerFilter())];
        _all.Select(row => row.Id).ShouldBe(Enumerable.Range(1, (int)size).Select(id => (long)id));
    }

    /// <summary>A look-up of each sort.</summary>
    public void CheckSome()
    {
        foreach (var row in Sample(30)) Find(row);
        Absent();
        foreach (var actor in Pick(2)) Actor(actor);
        Rows(new LedgerFilter { Wallet = ManyRows.Shared, NewestFirst = true, Limit = 7 });
        foreach (var filter in Narrow(_all[_random.Next(_all.Count)]))
            Rows(filter with { NewestFirst = _random.Next(2) == 0, Limit = 50 });
    }

    /// <summary>Rows here and there by its record id, every actor and wallet, kinds and times, in pages and whole.</summary>
    public void CheckAll()
    {
        for (var i = 0; i < _all.Count; i += RowsPerFind) Find(_all[i]);
        Absent();
        foreach (var actor in ManyRows.Actors.Append("")) Actor(actor);
        foreach (var wallet in _all.Select(row => row.Columns.RequesterWallet).Distinct())
            BothWays(new LedgerFilter { Wallet = wallet });
        foreach (var kind in _all.Select(row => row.Columns.Kind).Distinct().Append("no_such_kind"))
            BothWays(new LedgerFilter { Kind = kind });
        foreach (var row in Sample(12))
        {
            foreach (var filter in Narrow(row)) BothWays(filter);
        }
    }

    private void Find(LedgerRow row) => _reader.Find(row.Columns.RecordId).ShouldBe(row);

    private void Absent()
    {
        _reader.Find("aud_1763700000_ffffffffffffffff").ShouldBeNull();
        _reader.Find("no record id").ShouldBeNull();
        _reader.PageByActor(new string('9', 64), 0, 10).ShouldBeEmpty();
        _reader.Rows(new LedgerFilter { Wallet = "0x" + new string('9', 40) }).ShouldBeEmpty();
    }

    private void Actor(string omni)
    {
        var own = _all.Where(row => row.Columns.ActorOmni == omni).ToList();
        for (var (after, page) = (0L, 0); ; page++)
        {
            var found = _reader.PageByActor(omni, after, limit: 37);
            found.ShouldBe(own.Skip(page * 37).Take(37));
            if (found.Count < 37) break;
            after = found[^1].Id;
        }

        BothWays(new LedgerFilter { ActorOmni = omni });
        if (!ActorOmni.TryParse(omni, out var actor)) return;
        var kinds = new HashSet<string>(["aws_credentials", "kms_key"]);
        foreach (var row in Sample(2))
        {
            var since = DateTimeOffset.FromUnixTimeSeconds(row.Columns.MintedAt);
            var expected = own.Count(entry => entry.Columns.MintedAt >= row.Columns.MintedAt
                && entry.Columns.Outcome == "ok" && kinds.Contains(entry.Columns.Kind));
            _reader.CountOk(actor, kinds, since, atMost: 10_000).ShouldBe(expected);
            _reader.CountOk(actor, kinds, since, atMost: 5).ShouldBe(Math.Min(5, expected));
        }
    }

    private IEnumerable<LedgerFilter> Narrow(LedgerRow row)
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(row.Columns.MintedAt);
        yield return new LedgerFilter { Since = at };
        yield return new LedgerFilter { Until = at };
        yield return new LedgerFilter { Since = at, Until = at.AddSeconds(90), Kind = row.Columns.Kind };
        yield return new LedgerFilter { Kind = row.Columns.Kind, Until = at, Outcome = "denied" };
        yield return new LedgerFilter { ActorOmni = row.Columns.ActorOmni, Kind = row.Columns.Kind, Since = at };
        yield return new LedgerFilter { Wallet = row.Columns.RequesterWallet, Role = "data" };
        yield return new LedgerFilter { ActorOmni = row.Columns.ActorOmni, Wallet = row.Columns.RequesterWallet };
    }

    private void BothWays(LedgerFilter filter)
    {
        foreach (var newestFirst in (bool[])[false, true])
        {
            var directed = filter with { NewestFirst = newestFirst };
            Rows(directed with { Limit = 1 });
            Rows(directed with { Limit = 25, AfterId = _random.Next(_all.Count) });
            Rows(directed with { AfterId = _all.Count - 3 });
            Rows(directed);
        }
    }

    private void Rows(LedgerFilter filter)
    {
        var expected = _all.Where(row => row.Id > filter.AfterId && IsMeant(row.Columns, filter));
        if (filter.NewestFirst) expected = expected.Reverse();
        _reader.Rows(filter).ShouldBe(expected.Take(filter.Limit ?? int.MaxValue), filter.ToString());
    }

    // Said once more, and not asked of the filter itself.
    private static bool IsMeant(LedgerColumns row, LedgerFilter filter)
    {
        if (filter.Wallet is { } wallet && row.RequesterWallet != wallet) return false;
        if (filter.ActorOmni is { } actor && row.ActorOmni != actor) return false;
        if (filter.Kind is { } kind && row.Kind != kind) return false;
        if (filter.Outcome is { } outcome && row.Outcome != outcome) return false;
        if (filter.Role == "data" && row.RequestedRole != "arn:aws:iam::123456789012:role/data") return false;
        if (filter.Since is { } since && row.MintedAt < since.ToUnixTimeSeconds()) return false;
        return filter.Until is not { } until || row.MintedAt < until.ToUnixTimeSeconds();
    }

    private LedgerRow[] Sample(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => _all[_random.Next(_all.Count)])];

    private string[] Pick(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => ManyRows.Actors[_random.Next(ManyRows.Actors.Count)])];
}
