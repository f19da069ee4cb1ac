using Broker.Cryptography;
using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;
using Broker.Ledger.Reading;
using Broker.Ledger.Storage;
using Broker.Ledger.Tests.Index;
using Broker.Ledger.Verification;
using Broker.Ledger.Writing;

namespace Broker.Ledger.Tests.Stores;

/// <summary>What <see cref="ILedgerStore"/> promises, asked of every store.</summary>
public abstract class StoreSuite : IDisposable
{
    private protected static readonly CancellationToken None = CancellationToken.None;

    private protected static readonly LedgerOptions Options =
        new() { Origin = LedgerFolder.Origin, Kinds = Entries.Kinds };

    private protected Ed25519SigningKey Key { get; } = Ed25519SigningKey.Generate();

    /// <summary>Opens the store, the same one each time, after the one before was disposed of.</summary>
    private protected abstract ILedgerStore Open(bool tracksAnchor = false);

    public void Dispose()
    {
        Dispose(isDisposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool isDisposing) => Key.Dispose();

    [Fact]
    public void An_empty_store_has_an_empty_head()
    {
        using var store = Open();
        var head = store.Load();
        head.Size.ShouldBe(0);
        head.Root.ShouldBe(TreeHasher.Empty);
        head.Note.ShouldBeEmpty();
        head.Edge.Size.ShouldBe(0);
        using var view = store.OpenView();
        view.NewestCheckpoint().ShouldBe((0, ""));
        view.Extent().ShouldBe(new LedgerExtent(1, 0, 0));
        view.At(1).ShouldBeNull();
        view.Find("aud_1763700000_0000000000000000").ShouldBeNull();
        view.Page(new LedgerFilter(), 0, 10).ShouldBeEmpty();
        view.Checkpoints(0, long.MaxValue, 10).ShouldBeEmpty();
    }

    [Fact]
    public void A_commit_is_seen_whole_by_the_next_head_and_by_views_that_were_open_before()
    {
        using var store = Open();
        var writer = new StoreWriter(store, Key);
        using var view = store.OpenView();
        _ = view.NewestCheckpoint();
        writer.Append(ManyRows.From(0, 300));

        var (size, note) = view.NewestCheckpoint();
        size.ShouldBe(300);
        view.CheckpointAt(300).ShouldBe(note);
        view.CheckpointAt(299).ShouldBeNull();
        view.Extent().ShouldBe(new LedgerExtent(1, 300, 300));
        view.Range(0, 300).Select(row => row.Columns).ShouldBe(ManyRows.From(0, 300));
        view.Range(9, 12).Select(row => row.Id).ShouldBe([10L, 11L, 12L]);
        view.StoredTile(0, 0)!.Hashes.Length.ShouldBe(256 * 32);
        view.StoredTile(0, 1).ShouldBeNull();
        view.Tile(0, 1, 44).Hashes[43].ToHex().ShouldBe(view.At(300)!.LeafHash);
        view.Tile(1, 0, 1).Hashes[0].ShouldBe(view.Tile(0, 0, 256).Root);
        view.Checkpoints(0, 300, 10).Single().Note.ShouldBe(note);
        var head = store.Load();
        (head.Size, head.Root, head.Note).ShouldBe((300, writer.Head.Root, note));
        head.Edge.Root().ShouldBe(writer.Head.Root);
    }

    [Fact]
    public void A_commit_against_an_older_head_is_refused_and_changes_nothing()
    {
        using var store = Open();
        var first = new StoreWriter(store, Key);
        var second = new StoreWriter(store, Key);
        first.Append(ManyRows.From(0, 10));

        Should.Throw<LedgerHeadMovedException>(() => second.Append(ManyRows.From(500, 1)));
        Should.Throw<LedgerHeadMovedException>(() => second.Append(ManyRows.From(500, 10)));

        using var view = store.OpenView();
        view.Extent().ShouldBe(new LedgerExtent(1, 10, 10));
        view.Find(ManyRows.From(500, 1).Single().RecordId).ShouldBeNull();
        first.Append(ManyRows.From(10, 1));
        store.Load().Root.ShouldBe(first.Head.Root);
    }

    [Fact]
    public void The_same_size_with_another_root_is_another_head()
    {
        using var store = Open();
        var writer = new StoreWriter(store, Key);
        var foreign = new StoreWriter(new MemoryStore(new MemoryLedger(), tracksAnchor: false), Key);
        foreign.Append(ManyRows.From(500, 10));
        writer.Append(ManyRows.From(0, 10));

        Should.Throw<LedgerHeadMovedException>(() => foreign.AppendTo(store, ManyRows.From(510, 1)));

        store.Load().Root.ShouldBe(writer.Head.Root);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(255, 1)]
    [InlineData(256, 1)]
    [InlineData(257, 300)]
    [InlineData(70_000, 3)]
    public void Another_writer_goes_on_to_the_root_of_one_that_never_stopped(int before, int after)
    {
        var unbroken = new StoreWriter(new MemoryStore(new MemoryLedger(), tracksAnchor: false), Key);
        unbroken.Append(ManyRows.From(0, before));
        unbroken.Append(ManyRows.From(before, after));
        using (var store = Open()) new StoreWriter(store, Key).Append(ManyRows.From(0, before));
        using (var store = Open())
        {
            new StoreWriter(store, Key).Append(ManyRows.From(before, after));
            store.Load().Root.ShouldBe(unbroken.Head.Root);
        }
    }

    [Fact]
    public async Task Two_ledgers_over_one_store_never_fork_it()
    {
        using var store = Open();
        var shared = new SharedStore(store);
        await using var first = ReleaseLedger.Open(shared, Options, Key, TimeProvider.System);
        await using var second = ReleaseLedger.Open(shared, Options, Key, TimeProvider.System);
        var receipts = new List<LedgerReceipt>();
        for (var n = 0; n < 120; n++)
        {
            try
            {
                receipts.Add(await (n / 3 % 2 == 0 ? first : second).AppendAsync(Entries.Granted(n), None));
            }
            catch (LedgerUnavailableException e)
            {
                e.InnerException.ShouldBeOfType<LedgerHeadMovedException>();
            }
        }

        // The first one after the other has written is refused, and no other.
        receipts.Count.ShouldBe(120 - 39);
        foreach (var receipt in receipts) OnRecord(first.Reader, receipt);
        first.Reader.Size().ShouldBe(receipts.Count);
        IsSound(store, receipts);
    }

    [Fact]
    public void Keys_are_kept_once_and_in_order()
    {
        using var other = Ed25519SigningKey.Generate();
        var keys = new[] { Key, other, Key }.Select(key => new NoteSigner("name", key).VerifierKey).ToList();
        using (var store = Open())
        {
            store.Load();
            foreach (var key in keys) store.KeepKey(key);
        }

        using var again = Open();
        again.Load();
        using var view = again.OpenView();
        view.Keys().ShouldBe([keys[0].ToString(), keys[1].ToString()]);
    }

    [Fact]
    public void A_probe_changes_nothing()
    {
        using var store = Open();
        var writer = new StoreWriter(store, Key);
        writer.Append(ManyRows.From(0, 3));
        store.Probe();
        store.Load().Root.ShouldBe(writer.Head.Root);
    }

    [Fact]
    public void Whether_the_anchor_holds_an_entry_is_noted_with_it_and_left_once()
    {
        var rows = ManyRows.From(0, 130).ToList();
        using (var store = Open(tracksAnchor: true)) new StoreWriter(store, Key).Append(rows);
        using var again = Open(tracksAnchor: true);
        again.Load();
        var states = again.AnchorStates!;
        states.Pending().ShouldBe(rows.Take(100).Select(row => row.RecordId));
        states.Confirm(120, "{}");
        states.Pending().ShouldBe(rows.Skip(120).Select(row => row.RecordId));
        states.Quarantine(DateTimeOffset.FromUnixTimeSeconds(rows[125].MintedAt), "gone").ShouldBe(5);
        states.Confirm(long.MaxValue, "{}");
        states.Pending().ShouldBeEmpty();
        states.Quarantined().ShouldBe(rows.Skip(120).Take(5).Select(row => row.RecordId));
        states.Quarantine(DateTimeOffset.MaxValue, "late").ShouldBe(0);
        states.ArchivedTo().ShouldBe(0);
        states.RecordArchive(
            new RowArchive(1, 130, [1]), new AnchorReceipt("test", "{}", DateTimeOffset.UnixEpoch));
        states.ArchivedTo().ShouldBe(130);
    }

    [Fact]
    public void Without_an_anchor_there_are_no_states()
    {
        using var store = Open();
        store.AnchorStates.ShouldBeNull();
    }

    [Fact]
    public void Verification_and_look_ups_hold_over_many_commits()
    {
        using var store = Open();
        var writer = new StoreWriter(store, Key);
        store.KeepKey(writer.Key);
        for (var n = 0; n < 1200; n += 40) writer.Append(ManyRows.From(n, 40));

        using var reader = new LedgerReader(store.OpenView);
        new LookUps(reader, 1200).CheckAll();
        reader.OwnKeys().Select(key => key.ToString()).ShouldBe([writer.Key.ToString()]);
        reader.Consistency(40, 1200)!.Holds.ShouldBeTrue();
        IsSound(store, []);
        using var view = store.OpenView();
        view.Checkpoints(80, 400, 3).Select(checkpoint => checkpoint.Size).ShouldBe([120L, 160L, 200L]);
        view.Checkpoints(360, 400, 3).Select(checkpoint => checkpoint.Size).ShouldBe([400L]);
    }

    /// <summary>Every row, tile and checkpoint holds, and so do the checkpoints that the receipts are under.</summary>
    private protected void IsSound(ILedgerStore store, IEnumerable<LedgerReceipt> receipts)
    {
        using var reader = new LedgerReader(store.OpenView);
        var known = receipts.Select(receipt => SignedNote.TryParse(receipt.Checkpoint, out var note)
            && Checkpoint.TryParse(note.Text, out var checkpoint) ? checkpoint : throw new InvalidDataException("note"));
        var request = new VerificationRequest
        {
            Keys = [new NoteSigner(LedgerFolder.Origin, Key).VerifierKey],
            Known = [.. known],
        };
        LedgerVerifier.Run(reader, request, null, None).Findings.ShouldBeEmpty();
    }

    private protected void OnRecord(LedgerReader reader, LedgerReceipt receipt)
    {
        receipt.FaultOf(new NoteSigner(LedgerFolder.Origin, Key).VerifierKey).ShouldBeNull();
        var row = reader.Find(receipt.RecordId).ShouldNotBeNull();
        row.Index.ShouldBe(receipt.Index);
        row.ToCanonicalBytes().ShouldBe(receipt.CanonicalEntry);
    }
}
