using Broker.Ledger.Postgres.Connections;
using Broker.Ledger.Postgres.Log;
using Broker.Ledger.Storage;
using Broker.Ledger.Tests.Stores;

namespace Broker.Ledger.Tests.Postgres;

/// <summary>The suite over a real PostgreSQL.</summary>
public sealed class PostgresStoreTests(PostgresServer server) : StoreSuite, IClassFixture<PostgresServer>
{
    private readonly PostgresAccess _access = server.NewLedger();

    private protected override ILedgerStore Open(bool tracksAnchor = false) =>
        PostgresLedgerStore.Open(_access, tracksAnchor);

    [Fact]
    public void Statistics_count_what_is_there()
    {
        using var store = Open();
        var writer = new StoreWriter(store, Key);
        writer.Append(Index.ManyRows.From(0, 300));
        writer.Append(Index.ManyRows.From(300, 10));

        using var view = store.OpenView();
        var counted = view.Statistics();

        var rows = Index.ManyRows.From(0, 310).ToList();
        (counted.Entries, counted.Checkpoints, counted.Tiles).ShouldBe((310, 2, 1));
        counted.FirstAt.ShouldBe(rows.Min(row => row.MintedAt));
        counted.LastAt.ShouldBe(rows.Max(row => row.MintedAt));
        counted.Actors.ShouldBe(rows.Select(row => row.ActorOmni).Where(omni => omni.Length > 0).Distinct().Count());
        counted.Counts.Sum(count => count.Entries).ShouldBe(310);
        counted.FileBytes.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("a\0b")]
    [InlineData("\0")]
    [InlineData("\u001b0")]
    [InlineData("\u001b\0\u001b1\u001b")]
    [InlineData("\u00e9\u4e2d\U0001F600")]
    public void An_entry_holds_any_text_and_keeps_none_beside_it_from_being_written(string text) => IsKept(text, text);

    // Not a case of the theory: an attribute cannot hold it.
    [Fact]
    public void Half_a_surrogate_pair_is_kept_as_the_tree_hashes_it() =>
        IsKept("half \ud800 a pair", "half \ufffd a pair");

    [Fact]
    public void A_record_id_never_stands_twice()
    {
        using var store = Open();
        var writer = new StoreWriter(store, Key);
        writer.Append(Index.ManyRows.From(0, 3));

        var fault = Should.Throw<LedgerStoreException>(() => writer.Append(Index.ManyRows.From(2, 2)));

        fault.Message.ShouldContain("23505");
        var head = store.Load();
        head.Size.ShouldBe(3);
        new StoreWriter(store, Key).Append(Index.ManyRows.From(3, 2));
        IsSound(store, []);
    }

    private void IsKept(string text, string kept)
    {
        using var store = Open();
        var writer = new StoreWriter(store, Key);
        var rows = Index.ManyRows.From(0, 3).ToList();
        rows[1] = rows[1] with { OutcomeDetail = text, Subject = text, ActorOmni = text, RequestedRole = text };
        writer.Append(rows);

        using var view = store.OpenView();
        var row = view.At(2).ShouldNotBeNull();
        row.Columns.OutcomeDetail.ShouldBe(kept);
        row.Columns.Subject.ShouldBe(kept);
        row.ComputeLeafHash().ToHex().ShouldBe(row.LeafHash);
        view.Page(new LedgerFilter { ActorOmni = text }, 0, 10).Select(found => found.Id).ShouldBe([2L]);
        view.Page(new LedgerFilter { Role = text }, 0, 10).Select(found => found.Id).ShouldBe([2L]);
        IsSound(store, []);
    }
}
