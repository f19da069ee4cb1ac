using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Broker.Cryptography;
using Broker.Ledger;

namespace Broker.Benchmarks.Ledger;

/// <summary>
/// <c>ledger-growth [--max 1000000] [--folder DIR] [--json FILE]</c>: grows one ledger through the powers of ten and
/// measures at each what an append costs, what an entry takes on disk, and how long opening takes.
/// </summary>
internal static class LedgerGrowth
{
    private const int Clients = 32;
    private const int Rounds = 300;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var max = long.Parse(Option(arguments, "--max") ?? "1000000", CultureInfo.InvariantCulture);
        var parent = Option(arguments, "--folder") ?? Path.GetTempPath();
        var folder = Directory.CreateDirectory(Path.Combine(parent, $"ledger-growth-{Guid.NewGuid():n}")).FullName;
        var results = new List<GrowthPoint>();
        Console.WriteLine("   entries   append p50   append p99   per entry      bytes/entry   open       resident");
        try
        {
            using var key = Ed25519SigningKey.Generate();
            var options =
                new LedgerOptions { Path = Path.Combine(folder, "audit.sqlite"), Origin = "broker.example/ledger" };
            for (long size = 1000; size <= max; size *= 10) results.Add(await MeasureAsync(options, key, size));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        if (Option(
            arguments, "--json") is { } file) await File.WriteAllTextAsync(file, JsonSerializer.Serialize(results));
        return 0;
    }

    private static async Task<GrowthPoint> MeasureAsync(LedgerOptions options, Ed25519SigningKey key, long size)
    {
        await using (var ledger = ReleaseLedger.Open(options, key, TimeProvider.System)) await GrowAsync(ledger, size);

        // Closed, so that everything is in the file itself.
        var bytesPerEntry = (double)new FileInfo(options.Path).Length / size;
        var clock = Stopwatch.StartNew();
        await using var opened = ReleaseLedger.Open(options, key, TimeProvider.System);
        var open = clock.Elapsed;
        var rounds = new double[Rounds];
        for (var round = -20; round < Rounds; round++)
        {
            clock.Restart();
            await AppendAsync(opened, Clients);
            if (round >= 0) rounds[round] = clock.Elapsed.TotalMilliseconds;
        }

        Array.Sort(rounds);
        var point = new GrowthPoint(
            size, rounds[Rounds / 2], rounds[Rounds * 99 / 100], rounds.Average() / Clients * 1000,
            bytesPerEntry, open.TotalMilliseconds, Environment.WorkingSet);
        Console.WriteLine(
            $"{point.Entries,10}   {point.AppendP50Ms,7:f2} ms   {point.AppendP99Ms,7:f2} ms   " +
            $"{point.PerEntryMicroseconds,6:f1} µs   " +
            $"{point.BytesPerEntry,12:f0}   {point.OpenMs,6:f1} ms  {point.ResidentBytes >> 20} MiB");
        return point;
    }

    private static async Task GrowAsync(ReleaseLedger ledger, long size)
    {
        while (ledger.Status.Size < size) await AppendAsync(ledger, (int)Math.Min(1024, size - ledger.Status.Size));
    }

    private static Task AppendAsync(ReleaseLedger ledger, int count)
    {
        var start = ledger.Status.Size;
        return Task.WhenAll(Enumerable.Range(0, count)
            .Select(n => ledger.AppendAsync(SampleEntries.Make(start + n), CancellationToken.None).AsTask()));
    }

    private static string? Option(string[] arguments, string name)
    {
        var at = Array.IndexOf(arguments, name);
        return at >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;
    }
}

/// <summary>What was measured at one size: 32 appends at a time, milliseconds until all 32 are durable.</summary>
internal sealed record GrowthPoint(
    long Entries, double AppendP50Ms, double AppendP99Ms, double PerEntryMicroseconds, double BytesPerEntry,
    double OpenMs, long ResidentBytes);
