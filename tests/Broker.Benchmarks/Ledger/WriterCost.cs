using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Broker.Cryptography;
using Broker.Ledger.Sqlite;
using static Broker.Benchmarks.Arguments;

namespace Broker.Benchmarks.Ledger;

/// <summary>
/// <c>ledger-writer [--max 1000000] [--seconds 3] [--folder DIR] [--json FILE]</c>: what the writer alone takes,
/// without HTTP: entries that arrive in groups of 1, 12 and 64 while the group before is committed, into ledgers of
/// 10³, 10⁶ and 10⁷ entries, those above the maximum left out. The processor time is that of the writer's thread, as the kernel counts it; allocation is that
/// of the whole process, the making of the sample entries included.
/// <c>--keep FOLDER</c> writes the ledger into a broker's data folder, with the broker's key, and leaves it there.
/// </summary>
internal static class WriterCost
{
    private static readonly int[] Groups = [1, 12, 64];
    private static readonly long[] Sizes = [1_000, 1_000_000, 10_000_000];

    public static async Task<int> RunAsync(string[] arguments)
    {
        var max = long.Parse(Option(arguments, "--max") ?? "1000000", CultureInfo.InvariantCulture);
        var seconds = int.Parse(Option(arguments, "--seconds") ?? "3", CultureInfo.InvariantCulture);
        var parent = Option(arguments, "--folder") ?? Path.GetTempPath();
        var keep = Option(arguments, "--keep");
        var folder = keep
            ?? Directory.CreateDirectory(Path.Combine(parent, $"ledger-writer-{Guid.NewGuid():n}")).FullName;
        var results = new List<WriterPoint>();
        try
        {
            using var key = keep is null ? Ed25519SigningKey.Generate() : KeyOf(keep);
            var options = OptionsOf(folder, Option(arguments, "--origin"));
            await MeasureAsync(options, key, 12, TimeSpan.FromSeconds(seconds)); // compiles
            Console.WriteLine("    entries   group   entries/s   a commit   writer µs/entry   bytes allocated/entry");
            foreach (var size in Sizes.Where(size => size <= max))
            {
                await using (var ledger = SqliteLedger.Open(options, key, TimeProvider.System))
                {
                    while (ledger.Status.Size < size) await SampleEntries.AppendAsync(ledger, 1024);
                }

                foreach (var group in Groups)
                {
                    var point = await MeasureAsync(options, key, group, TimeSpan.FromSeconds(seconds));
                    Print(point);
                    results.Add(point);
                }
            }
        }
        finally
        {
            if (keep is null) Directory.Delete(folder, recursive: true);
        }

        if (Option(arguments, "--json") is { } file)
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(results));
        return 0;
    }

    /// <summary>The ledger in this folder.</summary>
    internal static SqliteLedgerOptions OptionsOf(string folder, string? origin) => new()
    {
        Path = Path.Combine(folder, "audit.sqlite"),
        Origin = origin ?? "ledger",
        Kinds = SampleEntries.Kinds,
    };

    internal static Ed25519SigningKey KeyOf(string dataFolder)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(dataFolder, "ledger-key.json")));
        return Ed25519SigningKey.ImportFromPem(file.RootElement.GetProperty("private_key_pem").GetString());
    }

    private static async Task<WriterPoint> MeasureAsync(
        SqliteLedgerOptions options, Ed25519SigningKey key, int group, TimeSpan time)
    {
        await using var ledger = SqliteLedger.Open(options with { MaxBatch = group }, key, TimeProvider.System);

        // The check of the index, which comes before its first use, is not what is measured.
        while (ledger.Status.IndexBehind > 0) await Task.Delay(100);
        var (size, commits) = (ledger.Status.Size, ledger.Status.Commits);
        var (processor, allocated) = (WriterTime(), GC.GetTotalAllocatedBytes());
        var clock = Stopwatch.StartNew();

        // Two groups take turns: one queues while the other is committed, so that a commit takes a whole one along,
        // and no more. Of entries that come alone the next comes after the answer.
        await Task.WhenAll(Enumerable.Range(0, group == 1 ? 1 : 2).Select(_ => Task.Run(async () =>
        {
            while (clock.Elapsed < time) await SampleEntries.AppendAsync(ledger, group);
        })));
        var took = clock.Elapsed;
        var entries = ledger.Status.Size - size;
        return new WriterPoint(
            size, group, entries / took.TotalSeconds, (double)entries / (ledger.Status.Commits - commits),
            (WriterTime() - processor).TotalMicroseconds / entries,
            (double)(GC.GetTotalAllocatedBytes() - allocated) / entries);
    }

    /// <summary>Time on a processor of the thread "ledger writer" (proc(5), schedstat: nanoseconds).</summary>
    private static TimeSpan WriterTime()
    {
        foreach (var thread in Directory.GetDirectories("/proc/self/task"))
        {
            if (File.ReadAllText(Path.Combine(thread, "comm")).Trim() != "ledger writer") continue;
            var nanoseconds = File.ReadAllText(Path.Combine(thread, "schedstat")).Split(' ')[0];
            return TimeSpan.FromMicroseconds(long.Parse(nanoseconds, CultureInfo.InvariantCulture) / 1000.0);
        }

        throw new InvalidOperationException("there is no thread named \"ledger writer\"");
    }

    private static void Print(WriterPoint point) => Console.WriteLine(
        $"{point.Entries,11}   {point.Group,5}   {point.PerSecond,9:f0}   {point.PerCommit,8:f1}   " +
        $"{point.WriterMicroseconds,15:f1}   {point.AllocatedBytes,21:f0}");
}

/// <summary>What was measured with so many entries in the ledger, and so many that arrive at a time.</summary>
internal sealed record WriterPoint(
    long Entries, int Group, double PerSecond, double PerCommit, double WriterMicroseconds, double AllocatedBytes);
