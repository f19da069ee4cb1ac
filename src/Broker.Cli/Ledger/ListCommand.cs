using System.CommandLine;
using Broker.Cli.Terminal;

namespace Broker.Cli.Ledger;

/// <summary><c>brokerctl ledger list</c>: the newest rows, narrowed.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var file = LedgerFile.Option();
        var json = LedgerFile.JsonOption();
        var limit = new Option<int>("--limit", "-n")
        {
            Description = "at most so many, the newest",
            DefaultValueFactory = _ => 50,
        };
        var filter = new RowFilterOptions();
        var command = new Command("list", "Print rows, the newest first") { file, limit, json };
        filter.AddTo(command);
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            using var reader = LedgerFile.Open(parsed.GetValue(file)!);
            var rows = reader.Rows(filter.Read(parsed) with { Limit = parsed.GetValue(limit), NewestFirst = true });
            var asJson = parsed.GetValue(json);
            if (!asJson) output.WriteLine(RowPrinter.Header);
            foreach (var row in rows) output.WriteLine(asJson ? RowPrinter.ToJson(row) : RowPrinter.ToLine(row));
            return ExitCode.Ok;
        });
        return command;
    }
}
