using System.CommandLine;
using Broker.Cli.Terminal;
using Broker.Ledger;

namespace Broker.Cli.Ledger;

/// <summary><c>brokerctl ledger tail</c>: the last rows, and with <c>-f</c> those that follow.</summary>
internal static class TailCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    public static Command Create()
    {
        var file = LedgerFile.Option();
        var json = LedgerFile.JsonOption();
        var count = new Option<int>("--lines", "-n")
        {
            Description = "begin with so many of the last rows",
            DefaultValueFactory = _ => 10,
        };
        var follow = new Option<bool>("--follow", "-f") { Description = "go on printing rows as they are written" };
        var filter = new RowFilterOptions();
        var command =
            new Command("tail", "Print the last rows, and with -f those that follow") { file, count, follow, json };
        filter.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var asJson = parsed.GetValue(json);
            using var reader = LedgerFile.Open(parsed.GetValue(file)!);
            var wanted = filter.Read(parsed);
            var seen = reader.Size();
            var last =
                reader.Rows(wanted with { Limit = parsed.GetValue(count), NewestFirst = true }).Reverse().ToList();
            Print(last, asJson, output);
            seen = Math.Max(seen, last.Count > 0 ? last[^1].Id : 0);
            while (parsed.GetValue(follow))
            {
                await Task.Delay(Pause, stop);
                seen = Print(
                    reader.Rows(wanted with { AfterId = Math.Max(seen, wanted.AfterId) }), asJson, output) ?? seen;
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static long? Print(IEnumerable<LedgerRow> rows, bool asJson, TextWriter output)
    {
        long? last = null;
        foreach (var row in rows)
        {
            output.WriteLine(asJson ? RowPrinter.ToJson(row) : RowPrinter.ToLine(row));
            last = row.Id;
        }

        output.Flush();
        return last;
    }
}
