using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Writing;
using static Broker.Benchmarks.Arguments;

namespace Broker.Benchmarks.Ledger;

/// <summary>
/// <c>ledger-lookups --data FOLDER --origin O [--count 2000] [--json FILE]</c>: what it takes to find an entry by
/// record id, and an actor's next twenty, in a ledger that <c>ledger-writer --keep</c> has left, while entries are appended to
/// it. The entries are drawn from all of the ledger, one in ten from its newest.
/// </summary>
internal static class LookupCost
{
    private const int Group = 12;
    private const int Page = 20;
    private const int Newest = 10_000;
    private const int Seed = 7;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var folder = Option(arguments, "--data") ?? throw new ArgumentException("--data is missing");
        var count = int.Parse(Option(arguments, "--count") ?? "2000", CultureInfo.InvariantCulture);
        using var key = WriterCost.KeyOf(folder);
        await using var ledger = SqliteLedger.Open(
            WriterCost.OptionsOf(folder, Option(arguments, "--origin")), key, TimeProvider.System);
        using var enough = new CancellationTokenSource();
        var load = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested) await SampleEntries.AppendAsync(ledger, Group);
        });

        // The index is checked before it is used; then everything is compiled.
        Measure(ledger, count / 4);
        var before = ledger.Status.Size;
        var (byRecordId, byActor) = Measure(ledger, count);
        var appended = ledger.Status.Size - before;
        await enough.CancelAsync();
        await load;

        var result = new
        {
            entries = before,
            while_minting = appended > 0,
            record_id = Of(byRecordId),
            actor = Of(byActor),
        };
        var json = JsonSerializer.Serialize(result);
        Console.WriteLine(json);
        if (Option(arguments, "--json") is { } file) await File.WriteAllTextAsync(file, json);
        return 0;
    }

    private static (List<double> ByRecordId, List<double> ByActor) Measure(ReleaseLedger ledger, int count)
    {
        var random = new Random(Seed);
        var (byRecordId, byActor) = (new List<double>(), new List<double>());
        for (var i = 0; i < count; i++)
        {
            var size = ledger.Status.Size;
            var id = i % 10 == 0 ? size - random.NextInt64(Math.Min(size, Newest)) : random.NextInt64(size) + 1;
            var wanted = ledger.Reader.At(id)!.Columns;
            byRecordId.Add(Time(() => ledger.Reader.Find(wanted.RecordId) is { } row && row.Id == id));
            byActor.Add(Time(() => ledger.Reader.PageByActor(wanted.ActorOmni, id - 1, Page)[0].Id == id));
        }

        return (byRecordId, byActor);
    }

    private static double Time(Func<bool> look)
    {
        var clock = Stopwatch.StartNew();
        var isRight = look();
        var took = clock.Elapsed.TotalMilliseconds;
        return isRight ? took : throw new InvalidDataException("a look-up found another entry");
    }

    private static object Of(List<double> milliseconds)
    {
        milliseconds.Sort();
        return new
        {
            p50_ms = milliseconds[milliseconds.Count / 2],
            p99_ms = milliseconds[milliseconds.Count * 99 / 100],
        };
    }
}
