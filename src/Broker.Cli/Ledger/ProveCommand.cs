using System.CommandLine;
using System.Globalization;
using Broker.Cli.Terminal;
using Broker.Ledger;
using Broker.Ledger.Notes;
using Broker.Ledger.Reading;

namespace Broker.Cli.Ledger;

/// <summary>
/// <c>brokerctl ledger prove</c>: the receipt of any entry under the newest checkpoint, or an earlier one with its
/// cosignatures.
/// </summary>
internal static class ProveCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("ID") { Description = "the entry's record id (aud_…), or the row's id" };
        var file = LedgerFile.Option();
        var json = LedgerFile.JsonOption();
        var entry = new Option<string>("--entry-out")
        {
            Description = "also write the entry's canonical bytes here",
            HelpName = "FILE",
        };
        var checkpoint = new Option<string>("--checkpoint")
        {
            Description = "under this checkpoint of the ledger in place of the newest, with the signatures that it has: "
                + "such as that of /ledger/checkpoint/witnessed",
            HelpName = "FILE",
        };
        var command = new Command("prove", "Print an entry's receipt under the newest checkpoint")
        {
            id, file, entry, checkpoint, json,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(id)!, parsed.GetValue(file)!, parsed.GetValue(entry), parsed.GetValue(checkpoint),
            parsed.GetValue(json), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static int Run(
        string id, string path, string? entryPath, string? checkpointPath, bool json, TextWriter output)
    {
        using var reader = LedgerFile.Open(path);
        var row = long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? reader.At(number)
            : reader.Find(id);
        if (row is null || reader.Receipt(row.Index) is not { } receipt)
        {
            throw new CommandFailedException($"\"{id}\" is not on record");
        }

        if (checkpointPath is not null) receipt = Under(checkpointPath, reader, row);
        if (entryPath is not null) File.WriteAllBytes(entryPath, row.ToCanonicalBytes());
        if (json)
        {
            var answer = new ProofAnswer(
                row.Columns.RecordId, row.Index, row.LeafHash, receipt, row.ToCanonicalBytes());
            JsonOutput.Write(output, answer, LedgerJson.Indented.ProofAnswer);
        }
        else
        {
            output.Write(receipt);
        }

        return ExitCode.Ok;
    }

    private static string Under(string path, LedgerReader reader, LedgerRow row)
    {
        var note = LedgerFile.ReadText(path);
        if (reader.Receipt(row.Index, note) is not { } receipt)
            throw new CommandFailedException($"\"{path}\" is no checkpoint of this ledger that has the entry");

        // The size alone is not enough: the checkpoint can be another ledger's.
        return InclusionReceipt.TryParse(receipt, out var read) && read.FindProofFault(row.ToCanonicalBytes()) is null
            ? receipt
            : throw new CommandFailedException($"\"{path}\" is a checkpoint of another ledger, or of another history");
    }
}
