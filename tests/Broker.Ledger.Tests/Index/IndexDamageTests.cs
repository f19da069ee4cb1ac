using Broker.Ledger.Reading;
using Broker.Ledger.Sqlite.Index;
using Broker.Ledger.Tests.Stores;
using Xunit.Abstractions;

namespace Broker.Ledger.Tests.Index;

/// <summary>
/// The index's file is damaged while nobody has it open. Whatever it is, it is found or harmless: a reader and the next
/// writer answer as the log does, and so does the index that the writer goes on with.
/// </summary>
public sealed class IndexDamageTests : IDisposable
{
    private const int Rows = 700;
    private const int NewRows = 150;
    private const int PageSize = 4096;

    // Prime, so that every place in a page comes up.
    private const int Stride = 97;

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(5);

    private readonly ITestOutputHelper _output;
    private readonly LedgerFolder _folder = new();
    private readonly byte[] _ledger;
    private readonly byte[] _index;
    private int _checks;

    public IndexDamageTests(ITestOutputHelper output)
    {
        _output = output;
        using (var store = _folder.OpenStore()) new StoreWriter(store, _folder.Key).Append(ManyRows.From(0, Rows));
        _ledger = File.ReadAllBytes(_folder.File);
        _index = File.ReadAllBytes(_folder.Index);
        File.Exists(_folder.Index + "-wal").ShouldBeFalse();
        _index.Length.ShouldBeGreaterThan(8 * PageSize);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_flipped_bit_anywhere()
    {
        var random = NewRandom();
        for (var at = 0; at < _index.Length; at += Stride)
        {
            var bit = random.Next(8);
            Check($"bit {bit} of byte {at}", index => index[at] ^= (byte)(1 << bit));
        }
    }

    [Fact]
    public void Every_byte_of_the_header()
    {
        for (var at = 0; at < 100; at++) Check($"byte {at}", index => index[at] ^= 1);
    }

    [Fact]
    public void Bytes_overwritten_at_random()
    {
        var random = NewRandom();
        for (var n = 0; n < 100; n++)
        {
            var at = random.Next(_index.Length);
            var length = Math.Min(random.Next(1, 64), _index.Length - at);
            Check($"{length} bytes at {at}", index => random.NextBytes(index.AsSpan(at, length)));
        }
    }

    [Fact]
    public void Pages_of_zeros_and_pages_of_other_places()
    {
        for (var page = 0; page < _index.Length / PageSize; page++)
        {
            Check($"page {page} zero", index => index.AsSpan(page * PageSize, PageSize).Clear());
            if (page == 0) continue;
            Check($"page {page} in place of the next one", index =>
                _index.AsSpan(page * PageSize, PageSize).CopyTo(index.AsSpan(NextOf(page) * PageSize)));
        }
    }

    [Fact]
    public void A_file_cut_short()
    {
        var lengths = Enumerable.Range(0, _index.Length / PageSize).Select(page => page * PageSize)
            .SelectMany(length => (int[])[length, length + 1, length + 99, length + 2048]);
        foreach (var length in lengths) Check($"cut to {length}", _index[..length]);
    }

    private int NextOf(int page) => (page + 1) * PageSize < _index.Length ? page + 1 : 1;

    private Random NewRandom()
    {
        var seed = Environment.TickCount;
        _output.WriteLine($"seed {seed}");
        return new Random(seed);
    }

    private void Check(string what, Action<byte[]> damage)
    {
        var damaged = _index.ToArray();
        damage(damaged);
        Check(what, damaged);
    }

    private void Check(string what, byte[] damaged)
    {
        File.WriteAllBytes(_folder.File, _ledger);
        File.WriteAllBytes(_folder.Index, damaged);
        try
        {
            using (var reader = _folder.Read()) new LookUps(reader, Rows).CheckSome();

            // A writer costs much more than a reader, and meets every second damage.
            if (_checks++ % 2 == 1) return;
            using (var store = _folder.OpenStore(new IndexPace(1 << 10, Short, Short)))
            {
                var writer = new StoreWriter(store, _folder.Key);
                using var reader = new LedgerReader(store.OpenView);
                writer.Append(ManyRows.From(Rows, NewRows));
                new LookUps(reader, Rows + NewRows).CheckSome();
                SpinWait.SpinUntil(() => store.Status.IndexBehind == 0, TimeSpan.FromSeconds(10)).ShouldBeTrue(
                    store.Status.IndexFault);
                new LookUps(reader, Rows + NewRows).CheckSome();
            }

            using var after = _folder.Read();
            new LookUps(after, Rows + NewRows).CheckSome();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{what}: {e.Message}", e);
        }
        finally
        {
            IndexPath.Delete(_folder.Index);
            foreach (var part in (string[])["-wal", "-shm"]) File.Delete(_folder.File + part);
        }
    }
}
