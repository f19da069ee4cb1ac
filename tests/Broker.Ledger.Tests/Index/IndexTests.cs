using Broker.Ledger.Reading;
using Broker.Ledger.Sqlite.Index;
using Broker.Ledger.Sqlite.Log;
using Broker.Ledger.Tests.Faults;
using Broker.Ledger.Tests.Stores;

namespace Broker.Ledger.Tests.Index;

/// <summary>Look-ups answer what a plain walk over the log answers, wherever the index stands.</summary>
public sealed class IndexTests : IDisposable
{
    private const int Rows = 4500;
    private const int RowsOfRun = 1000;

    private static readonly TimeSpan Long = TimeSpan.FromHours(1);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    // An index that takes up nothing, whole runs only, or all at once.
    private static readonly IndexPace Never = new(1 << 16, Long, Long);
    private static readonly IndexPace WholeRuns = new(RowsOfRun, Long, Long);
    private static readonly IndexPace Soon = new(RowsOfRun, Short, Short);

    private readonly LedgerFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void While_nothing_is_covered_the_rows_in_memory_answer(int version)
    {
        _folder.OfVersion(version);
        using var store = _folder.OpenStore(Never);
        Append(store, 0, Rows);

        store.Status.IndexBehind.ShouldBe(Rows);
        CheckHere(store, Rows);
        CheckElsewhere(Rows);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Once_all_is_covered_the_index_answers(int version)
    {
        _folder.OfVersion(version);
        using var store = _folder.OpenStore(Soon);
        Append(store, 0, Rows);

        await CoveredAsync(store);
        CheckHere(store, Rows);
        CheckElsewhere(Rows);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Rows_in_the_index_and_rows_behind_it_answer_together(int version)
    {
        _folder.OfVersion(version);
        using var store = _folder.OpenStore(WholeRuns);
        Append(store, 0, RowsOfRun);
        await CoveredAsync(store);
        for (var n = RowsOfRun; n < Rows; n += 500) Append(store, n, 500);
        Append(store, Rows, 400);

        await Eventually.HoldsAsync(() => store.Status.IndexBehind == (Rows + 400) % RowsOfRun);
        CheckHere(store, Rows + 400);
        CheckElsewhere(Rows + 400);
    }

    [Fact]
    public async Task Without_an_index_the_log_answers_and_the_next_start_makes_it_anew()
    {
        using (var store = _folder.OpenStore(Never)) Append(store, 0, Rows);
        File.Exists(_folder.Index).ShouldBeTrue();
        File.Delete(_folder.Index);

        CheckElsewhere(Rows);
        using var opened = _folder.OpenStore(Never);
        opened.Load();
        await CoveredAsync(opened);
        CheckHere(opened, Rows);
        CheckElsewhere(Rows);
    }

    [Fact]
    public async Task After_a_restart_the_index_goes_on_where_it_was()
    {
        using (var store = _folder.OpenStore(Soon)) Append(store, 0, Rows);
        CheckElsewhere(Rows);

        using var opened = _folder.OpenStore(Never);
        opened.Load();
        await CoveredAsync(opened);
        Append(opened, Rows, 300);
        opened.Status.IndexBehind.ShouldBe(300);
        CheckHere(opened, Rows + 300);
        CheckElsewhere(Rows + 300);
    }

    [Theory]
    [InlineData(0, 3000)]
    [InlineData(3, 4500)]
    [InlineData(0, 9000)]
    public async Task The_index_of_another_ledger_is_not_used(int first, int count)
    {
        using var other = new LedgerFolder();
        using (var store = other.OpenStore(Never))
        {
            Append(store, first, count - 1, other);
            Append(store, 20_000, 1, other);
        }

        using (var store = _folder.OpenStore(Never)) Append(store, 0, Rows);
        File.Copy(other.Index, _folder.Index, overwrite: true);

        CheckElsewhere(Rows);
        using var opened = _folder.OpenStore(Never);
        opened.Load();
        await CoveredAsync(opened);
        CheckHere(opened, Rows);
        CheckElsewhere(Rows);
    }

    [Fact]
    public async Task An_older_copy_of_the_index_goes_on_from_there()
    {
        using (var store = _folder.OpenStore(Never)) Append(store, 0, 2500);
        File.Copy(_folder.Index, _folder.Index + ".old");
        using (var store = _folder.OpenStore(Never)) Append(store, 2500, Rows - 2500);
        File.Copy(_folder.Index + ".old", _folder.Index, overwrite: true);

        CheckElsewhere(Rows);
        using var opened = _folder.OpenStore(Never);
        opened.Load();
        await CoveredAsync(opened);
        CheckHere(opened, Rows);
    }

    [Fact]
    public async Task Look_ups_are_right_at_every_moment_while_the_index_follows()
    {
        using var store = _folder.OpenStore(new IndexPace(64, Shortest, Shortest));
        var writer = new StoreWriter(store, _folder.Key);
        writer.Append(ManyRows.From(0, 2000));
        using var here = new LedgerReader(store.OpenView);
        using var elsewhere = _folder.Read();
        var writing = Task.Run(() =>
        {
            for (var n = 2000; n < Rows; n += 20)
            {
                writer.Append(ManyRows.From(n, 20));
                Thread.Sleep(5);
            }
        });
        await Task.WhenAll(
            new[] { here, elsewhere }.Select(reader => Task.Run(() => LookUntil(writing, reader))).Append(writing));
    }

    [Fact]
    public async Task Rows_that_another_wrote_are_found_once_the_store_has_loaded_them()
    {
        using var store = _folder.OpenStore(Soon);
        var writer = new StoreWriter(store, _folder.Key);
        writer.Append(ManyRows.From(0, 500));
        await CoveredAsync(store);
        OtherWriter.Append(_folder, 500, 700);

        Should.Throw<LedgerHeadMovedException>(() => writer.Append(ManyRows.From(1200, 10)));
        new StoreWriter(store, _folder.Key).Append(ManyRows.From(1200, 300));

        CheckHere(store, 1500);
        await CoveredAsync(store);
        CheckHere(store, 1500);
        CheckElsewhere(1500);
    }

    [MountFact]
    public async Task On_a_disk_that_is_nearly_full_the_index_stays_as_it_is_and_answers()
    {
        using var disk = new SmallDisk(40 << 20);
        using var folder = new LedgerFolder(disk.Folder);
        using var store = folder.OpenStore(Soon);
        Append(store, 0, 2000, folder);
        await CoveredAsync(store);

        var filler = disk.Fill(leaving: 10 << 20);
        Append(store, 2000, 500, folder);
        await Eventually.HoldsAsync(() => store.Status.IndexFault is not null);
        store.Status.IndexBehind.ShouldBe(500);
        CheckHere(store, 2500);

        File.Delete(filler);
        await CoveredAsync(store);
        CheckHere(store, 2500);
    }

    private static void LookUntil(Task end, LedgerReader reader)
    {
        for (var round = 0; !end.IsCompleted; round++)
        {
            foreach (var newestFirst in (bool[])[false, true])
            {
                foreach (var filter in (LedgerFilter[])
                [
                    new() { Kind = "kms_key" }, new() { Wallet = ManyRows.Shared },
                    new() { ActorOmni = ManyRows.Actors[round % 40] }, new() { Wallet = ManyRows.Unknown },
                ])
                {
                    var before = reader.Size();
                    var found = reader.Rows(filter with { NewestFirst = newestFirst }).ToList();
                    if (newestFirst) found.Reverse();
                    var upTo = found.Where(row => row.Id <= before).Select(row => row.Id);
                    var all = reader.Rows(new LedgerFilter()).TakeWhile(row => row.Id <= before);
                    upTo.ShouldBe(all.Where(row => filter.Matches(row.Columns)).Select(row => row.Id), filter.ToString());
                }
            }
        }
    }

    private void Append(SqliteLedgerStore store, int first, int count, LedgerFolder? folder = null) =>
        new StoreWriter(store, (folder ?? _folder).Key).Append(ManyRows.From(first, count));

    private static Task CoveredAsync(SqliteLedgerStore store) =>
        Eventually.HoldsAsync(() => store.Status is { IndexBehind: 0, IndexFault: null });

    // As the process that writes the ledger sees it, with the rows that it has in memory.
    private static void CheckHere(SqliteLedgerStore store, int size)
    {
        using var reader = new LedgerReader(store.OpenView);
        new LookUps(reader, size).CheckAll();
    }

    // As another process sees it.
    private void CheckElsewhere(int size)
    {
        using var reader = _folder.Read();
        new LookUps(reader, size).CheckAll();
    }
}
