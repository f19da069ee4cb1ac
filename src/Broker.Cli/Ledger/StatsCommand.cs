using System.CommandLine;
using Broker.Cli.Terminal;
using Broker.Ledger;

namespace Broker.Cli.Ledger;

/// <summary><c>brokerctl ledger stats</c>: what is in the ledger, counted.</summary>
internal static class StatsCommand
{
    public static Command Create()
    {
        var file = LedgerFile.Option();
        var json = LedgerFile.JsonOption();
        var command = new Command("stats", "Count what is in the ledger") { file, json };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            using var reader = LedgerFile.Open(parsed.GetValue(file)!);
            var statistics = reader.Statistics();
            if (parsed.GetValue(json)) JsonOutput.Write(output, statistics, LedgerJson.Indented.LedgerStatistics);
            else Print(statistics, output);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Print(LedgerStatistics statistics, TextWriter output)
    {
        output.WriteLine($"entries      {statistics.Entries}");
        output.WriteLine($"first        {Time(statistics.FirstAt)}");
        output.WriteLine($"last         {Time(statistics.LastAt)}");
        output.WriteLine($"actors       {statistics.Actors}");
        output.WriteLine($"checkpoints  {statistics.Checkpoints}");
        output.WriteLine($"full tiles   {statistics.Tiles}");
        output.WriteLine($"on disk      {statistics.FileBytes} bytes, {statistics.BytesPerEntry:f0} per entry");
        output.WriteLine($"write-ahead  {statistics.LogBytes} bytes");
        foreach (var count in statistics.Counts) output.WriteLine($"{count.Entries,11}  {count.Outcome} {count.Kind}");
    }

    private static string Time(long? seconds) => seconds is { } value
        ? DateTimeOffset.FromUnixTimeSeconds(value).ToString("yyyy-MM-dd HH:mm:ss")
        : "-";
}
