using Broker.Foundation.Results;

namespace Broker.Ledger.Tests;

public sealed class ReaderTests
{
    [Fact]
    public async Task Pages_an_actors_own_rows_and_counts_what_it_was_granted()
    {
        var other = new string('b', 64);
        using var folder = new LedgerFolder();
        await using var ledger = folder.Open();
        for (var n = 0; n < 30; n++)
        {
            var entry = Entries.Granted(n, n % 3 == 0 ? other : Entries.Omni);
            if (n % 5 == 0) entry = entry with { Outcome = LedgerOutcome.Denied };
            if (n % 9 == 0) entry = entry with { Kind = Entries.Session };
            await ledger.AppendAsync(entry, CancellationToken.None);
        }

        var first = ledger.Reader.PageByActor(Entries.Omni, afterId: 0, limit: 12);
        var second = ledger.Reader.PageByActor(Entries.Omni, first[^1].Id, limit: 12);

        first.Count.ShouldBe(12);
        second.Count.ShouldBe(8);
        first.Concat(second).ShouldAllBe(row => row.Columns.ActorOmni == Entries.Omni);
        first.Concat(second).Select(row => row.Id).ShouldBeInOrder();
        var start = DateTimeOffset.FromUnixTimeSeconds(1_763_700_000);
        ledger.Reader.CountOk(ActorOf(other), Entries.Kinds.Spending, start, atMost: 100).ShouldBe(5);
        ledger.Reader.CountOk(ActorOf(other), Entries.Kinds.Spending, start.AddSeconds(15), atMost: 100).ShouldBe(2);
        ledger.Reader.CountOk(ActorOf(other), Entries.Kinds.Spending, start, atMost: 3).ShouldBe(3);
    }

    [Fact]
    public async Task Counts_past_rows_from_before_the_clock_was_set_back()
    {
        using var folder = new LedgerFolder();
        await using var ledger = folder.Open();
        var noon = DateTimeOffset.FromUnixTimeSeconds(1_763_700_000);
        foreach (var minute in (int[])[0, 10, 20, -30, -20, 5])
        {
            var entry = Entries.Granted(minute) with { MintedAt = noon.AddMinutes(minute) };
            await ledger.AppendAsync(entry, CancellationToken.None);
        }

        var actor = ActorOf(Entries.Omni);
        ledger.Reader.CountOk(actor, Entries.Kinds.Spending, noon, atMost: 100).ShouldBe(4);
        ledger.Reader.CountOk(actor, Entries.Kinds.Spending, noon.AddMinutes(8), atMost: 100).ShouldBe(2);
    }

    private static ActorOmni ActorOf(string omni) =>
        ActorOmni.TryParse(omni, out var actor) ? actor : throw new ArgumentException(omni);

    [Fact]
    public async Task An_empty_ledger_has_nothing_and_says_so()
    {
        using var folder = new LedgerFolder();
        await using var ledger = folder.Open();

        ledger.NewestCheckpoint.ShouldBeEmpty();
        ledger.Reader.NewestCheckpoint().ShouldBeEmpty();
        ledger.Reader.Receipt(0).ShouldBeNull();
        ledger.Reader.Find("aud_1_0000000000000000").ShouldBeNull();
        ledger.Reader.Consistency(0, 0).ShouldNotBeNull().Holds.ShouldBeTrue();
        ledger.Reader.Consistency(0, 1).ShouldBeNull();
    }

    [Fact]
    public async Task Operators_queries_find_the_columns_they_know_in_their_order()
    {
        using var folder = new LedgerFolder();
        await using var ledger = folder.Open();
        await ledger.AppendAsync(Entries.Granted(), CancellationToken.None);

        var (exitCode, output) = Python.Run("", "-c",
            "import sqlite3, sys\n" +
            "rows = sqlite3.connect(sys.argv[1]).execute('SELECT * FROM mint_log ORDER BY id DESC LIMIT 10')\n" +
            "print(','.join(column[0] for column in rows.description))\n" +
            "print(len(rows.fetchall()))", folder.File);

        exitCode.ShouldBe(0, output);
        output.ShouldStartWith(
            "id,minted_at,requester_token,requester_wallet,requested_role,session_duration_seconds,sts_session_name," +
            "outcome,outcome_detail,record_id,");
        output.TrimEnd().ShouldEndWith("1");
    }
}
