using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Broker.Ledger.Sqlite;
using static Broker.Benchmarks.Arguments;

namespace Broker.Benchmarks.Ledger;

/// <summary>
/// <c>ledger-catch-up --data FOLDER --origin O [--entries 1000000] [--most-behind N] [--json FILE]</c>: how long the
/// index of a ledger that <c>ledger-writer --keep</c> has left takes to catch up so many entries, from nothing, while entries are
/// appended. Takes away the index that is there.
/// </summary>
internal static class IndexCatchUp
{
    private const int Group = 12;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var folder = Option(arguments, "--data") ?? throw new ArgumentException("--data is missing");
        var wanted = long.Parse(Option(arguments, "--entries") ?? "1000000", CultureInfo.InvariantCulture);
        foreach (var file in Directory.GetFiles(folder, "audit-index.sqlite*")) File.Delete(file);
        using var key = WriterCost.KeyOf(folder);
        await using var ledger = SqliteLedger.Open(
            WriterCost.OptionsOf(folder, Option(arguments, "--origin")), key, TimeProvider.System);
        wanted = Math.Min(wanted, ledger.Status.Size);
        var clock = Stopwatch.StartNew();
        while (ledger.Status is var status && status.Size - status.IndexBehind < wanted)
            await SampleEntries.AppendAsync(ledger, Group);
        var took = clock.Elapsed.TotalSeconds;
        var behind = Option(arguments, "--most-behind");
        var json = JsonSerializer.Serialize(new
        {
            connections = 32,
            actors = 1000,
            most_behind = behind is null ? (long?)null : long.Parse(behind, CultureInfo.InvariantCulture),
            catch_up_entries = wanted,
            catch_up_seconds = took,
        });
        Console.WriteLine(json);
        if (Option(arguments, "--json") is { } path) await File.WriteAllTextAsync(path, json);
        return 0;
    }
}
