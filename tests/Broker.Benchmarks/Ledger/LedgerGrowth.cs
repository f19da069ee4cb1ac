using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Broker.Cryptography;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Writing;
using static Broker.Benchmarks.Arguments;

namespace Broker.Benchmarks.Ledger;

/// <summary>
/// <c>ledger-growth [--max 1000000] [--actors 1000] [--folder DIR] [--json FILE]</c>: grows one ledger through the
/// powers of ten and measures at each what an append costs, what an entry takes on disk, and how long opening takes.
/// Each is measured side by side with a ledger of a thousand entries, round about, since a disk is not as fast at all
/// times.
/// </summary>
internal static class LedgerGrowth
{
    private const int Clients = 32;
    private const int Turns = 10;
    private const int RoundsPerTurn = 30;
    private const int WarmUpRounds = 20;
    private const int Small = 1000;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var max = long.Parse(Option(arguments, "--max") ?? "1000000", CultureInfo.InvariantCulture);
        SampleEntries.Actors = int.Parse(Option(arguments, "--actors") ?? "1000", CultureInfo.InvariantCulture);
        var parent = Option(arguments, "--folder") ?? Path.GetTempPath();
        var folder = Directory.CreateDirectory(Path.Combine(parent, $"ledger-growth-{Guid.NewGuid():n}")).FullName;
        var results = new List<GrowthPoint>();
        Console.WriteLine(
            "   entries   append p50   append p99   per entry   × 1000   bytes/entry   open       resident");
        try
        {
            using var key = Ed25519SigningKey.Generate();
            SqliteLedgerOptions In(string name) =>
                new() { Path = Path.Combine(folder, name), Origin = "ledger", Kinds = SampleEntries.Kinds };

            // So that the first one is not measured with code that is still being compiled.
            for (var n = 0; n < 3; n++) await MeasureAsync(In($"warm-{n}.sqlite"), In($"up-{n}.sqlite"), key, Small);
            for (long size = Small; size <= max; size *= 10)
            {
                var point = await MeasureAsync(In("audit.sqlite"), In($"beside-{size}.sqlite"), key, size);
                Print(point);
                results.Add(point);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        if (Option(
            arguments, "--json") is { } file) await File.WriteAllTextAsync(file, JsonSerializer.Serialize(results));
        return 0;
    }

    private static async Task<GrowthPoint> MeasureAsync(
        SqliteLedgerOptions options, SqliteLedgerOptions beside, Ed25519SigningKey key, long size)
    {
        await GrowAsync(options, key, size);
        await GrowAsync(beside, key, Small);

        // Closed, so that everything is in the file itself.
        var bytes = new FileInfo(options.Path).Length;
        await using var small = SqliteLedger.Open(beside, key, TimeProvider.System);
        var clock = Stopwatch.StartNew();
        await using var opened = SqliteLedger.Open(options, key, TimeProvider.System);
        var open = clock.Elapsed;
        var bytesPerEntry = (double)bytes / opened.Status.Size;
        await TimeAsync(small, WarmUpRounds);
        await TimeAsync(opened, WarmUpRounds);

        var rounds = new List<double>();
        var roundsOfSmall = new List<double>();
        for (var turn = 0; turn < Turns; turn++)
        {
            roundsOfSmall.AddRange(await TimeAsync(small, RoundsPerTurn));
            rounds.AddRange(await TimeAsync(opened, RoundsPerTurn));
        }

        rounds.Sort();
        return new GrowthPoint(
            size, SampleEntries.Actors, rounds[rounds.Count / 2], rounds[rounds.Count * 99 / 100],
            rounds.Average() / Clients * 1000, rounds.Average() / roundsOfSmall.Average(), bytesPerEntry,
            open.TotalMilliseconds, Environment.WorkingSet);
    }

    private static async Task<double[]> TimeAsync(ReleaseLedger ledger, int rounds)
    {
        var milliseconds = new double[rounds];
        var clock = new Stopwatch();
        for (var round = 0; round < rounds; round++)
        {
            clock.Restart();
            await SampleEntries.AppendAsync(ledger, Clients);
            milliseconds[round] = clock.Elapsed.TotalMilliseconds;
        }

        return milliseconds;
    }

    private static async Task GrowAsync(SqliteLedgerOptions options, Ed25519SigningKey key, long size)
    {
        await using var ledger = SqliteLedger.Open(options, key, TimeProvider.System);
        while (ledger.Status.Size < size)
            await SampleEntries.AppendAsync(ledger, (int)Math.Min(1024, size - ledger.Status.Size));
    }

    private static void Print(GrowthPoint point) => Console.WriteLine(
        $"{point.Entries,10}   {point.AppendP50Ms,7:f2} ms   {point.AppendP99Ms,7:f2} ms   " +
        $"{point.PerEntryMicroseconds,6:f1} µs   {point.TimesThatOfSmall,6:f2}   " +
        $"{point.BytesPerEntry,11:f0}   {point.OpenMs,6:f1} ms  {point.ResidentBytes >> 20} MiB");
}

/// <summary>
/// What was measured at one size: 32 appends at a time, milliseconds until all 32 are durable, and the mean of that
/// over the mean of a ledger that was opened with a thousand entries.
/// </summary>
internal sealed record GrowthPoint(
    long Entries, int Actors, double AppendP50Ms, double AppendP99Ms, double PerEntryMicroseconds,
    double TimesThatOfSmall, double BytesPerEntry, double OpenMs, long ResidentBytes);
