using System.CommandLine;
using Broker.Cli.Terminal;
using Broker.Ledger;
using Broker.Ledger.Reading;

namespace Broker.Cli.Ledger;

/// <summary><c>brokerctl ledger export</c>: every row that matches, oldest first.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var file = LedgerFile.Option();
        var format = new Option<string>("--format")
        {
            Description =
                "ndjson: each line is an entry's canonical bytes, SHA-256(0x00 + line) its leaf; csv: all columns",
            DefaultValueFactory = _ => "ndjson",
        };
        format.AcceptOnlyFromAmong("ndjson", "csv");
        var target = new Option<string>("--out")
        {
            Description = "write to this file in place of standard output",
            HelpName = "FILE",
        };
        var json = new Option<bool>("--json") { Description = "the same as --format ndjson" };
        var filter = new RowFilterOptions();
        var command =
            new Command("export", "Write rows as NDJSON or CSV, the oldest first") { file, format, target, json };
        filter.AddTo(command);
        command.SetAction((parsed, stop) =>
        {
            var isCsv = parsed.GetValue(format) == "csv" && !parsed.GetValue(json);
            using var reader = LedgerFile.Open(parsed.GetValue(file)!);
            using var written = parsed.GetValue(target) is { } path ? Create(path) : null;
            using var bar = new ProgressBar(parsed.InvocationConfiguration.Error, "exporting");
            Write(reader, filter.Read(parsed), isCsv, written ?? parsed.InvocationConfiguration.Output, bar, stop);
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static void Write(
        LedgerReader reader, LedgerFilter filter, bool isCsv, TextWriter output, ProgressBar bar,
        CancellationToken stop)
    {
        var size = reader.Size();
        if (isCsv) output.Write(RowPrinter.CsvHeader + "\r\n");
        foreach (var row in reader.Rows(filter))
        {
            stop.ThrowIfCancellationRequested();
            if (isCsv) output.Write(RowPrinter.ToCsv(row) + "\r\n");
            else output.Write(RowPrinter.ToJson(row) + "\n");
            bar.Report(row.Id, size);
        }

        output.Flush();
    }

    private static StreamWriter Create(string path)
    {
        try
        {
            return new StreamWriter(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot write \"{path}\": {e.Message}", ExitCode.Misuse, e);
        }
    }
}
