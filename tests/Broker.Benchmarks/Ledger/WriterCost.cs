using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Broker.Cryptography;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Writing;
using static Broker.Benchmarks.Arguments;

namespace Broker.Benchmarks.Ledger;

/// <summary>
/// <c>ledger-writer [--max 1000000] [--seconds 3] [--folder DIR] [--json FILE]</c>: what the writer alone takes,
/// without HTTP: entries that arrive in groups of 1, 12 and 64, into ledgers of 10³, 10⁶ and 10⁷ entries, those above
/// the maximum left out. The processor time is that of the writer's thread, as the kernel counts it; allocation is that
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
            var options = new SqliteLedgerOptions
            {
                Path = Path.Combine(folder, "audit.sqlite"),
                Origin = Option(arguments, "--origin") ?? "ledger",
                Kinds = SampleEntries.Kinds,
            };
            await using var ledger = SqliteLedger.Open(options, key, TimeProvider.System);
            await MeasureAsync(ledger, 12, TimeSpan.FromSeconds(seconds)); // compiles
            Console.WriteLine("    entries   group   entries/s   a commit   writer µs/entry   bytes allocated/entry");
            foreach (var size in Sizes.Where(size => size <= max))
            {
                while (ledger.Status.Size < size) await SampleEntries.AppendAsync(ledger, 1024);
                foreach (var group in Groups)
                {
                    var point = await MeasureAsync(ledger, group, TimeSpan.FromSeconds(seconds));
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

    private static Ed25519SigningKey KeyOf(string dataFolder)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(dataFolder, "ledger-key.json")));
        return Ed25519SigningKey.ImportFromPem(file.RootElement.GetProperty("private_key_pem").GetString());
    }

    private static async Task<WriterPoint> MeasureAsync(ReleaseLedger ledger, int group, TimeSpan time)
    {
        var (size, commits) = (ledger.Status.Size, ledger.Status.Commits);
        var (processor, allocated) = (WriterTime(), GC.GetTotalAllocatedBytes());
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < time) await SampleEntries.AppendAsync(ledger, group);
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
