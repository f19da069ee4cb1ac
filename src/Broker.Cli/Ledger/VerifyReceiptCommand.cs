using System.CommandLine;
using System.Text;
using System.Text.Json;
using Broker.Cli.Terminal;
using Broker.Foundation;
using Broker.Ledger.Notes;
using Broker.Ledger.Witness;

namespace Broker.Cli.Ledger;

/// <summary>
/// <c>brokerctl ledger verify-receipt</c>: offline, without the ledger. The file is a receipt in the tlog-proof form,
/// or an answer of Broker's in JSON with <c>receipt</c> and, when it was asked for in full, <c>entry</c>.
/// </summary>
internal static class VerifyReceiptCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "the receipt, or the answer that carried it" };
        var vkey = LedgerFile.VkeyOption(required: true);
        vkey.Description += "; where the log's origin line is not the key's name, \"ORIGIN VKEY\"";
        var entry = new Option<string>("--entry") { Description = "the entry's canonical bytes", HelpName = "FILE" };
        var json = LedgerFile.JsonOption();
        var command =
            new Command(
                "verify-receipt",
                "Check a receipt offline against the log's key; exit code 3 when no entry was given to check it for")
        {
            file, vkey, entry, json,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(file)!,
            [.. parsed.GetValue(vkey)!.Select(LedgerFile.ParseLog)],
            parsed.GetValue(entry),
            parsed.GetValue(json),
            parsed.InvocationConfiguration.Output));
        return command;
    }

    private static int Run(string path, IReadOnlyList<WatchedLog> logs, string? entryPath, bool json, TextWriter output)
    {
        var (text, embedded) = Read(path);
        var entry = entryPath is null ? embedded : LedgerFile.ReadBytes(entryPath);
        var receipt = InclusionReceipt.TryParse(text, out var parsed) ? parsed : null;
        var fault = receipt is null ? "the file is not a receipt in the tlog-proof form" : FindFault(receipt, logs, entry);
        var isInclusionChecked = fault is null && entry is not null;

        if (json)
        {
            var answer = new ReceiptAnswer(
                fault is null,
                fault,
                isInclusionChecked ? "verified" : "not_checked",
                receipt?.Checkpoint.Origin,
                receipt?.Index,
                receipt?.Checkpoint.Size,
                receipt?.Checkpoint.Root.ToBase64());
            JsonOutput.Write(output, answer, LedgerJson.Indented.ReceiptAnswer);
        }
        else if (fault is not null)
        {
            output.WriteLine($"FAILED: {fault}");
        }
        else
        {
            var checkpoint = receipt!.Checkpoint;
            output.WriteLine(
                $"ok: the checkpoint of {checkpoint.Origin} at size {checkpoint.Size} is signed by the key");
            output.WriteLine(isInclusionChecked
                ? $"ok: the entry is in it, at index {receipt.Index}"
                : "NOT CHECKED: that a certain entry is in it; give --entry");
        }

        if (fault is not null) return ExitCode.Failed;
        return isInclusionChecked ? ExitCode.Ok : ExitCode.NotAllChecked;
    }

    // One of the keys has to be the log's, and none may stand there with a wrong signature (signed-note,
    // "Signatures"). The complaint about the last one is as good as any.
    private static string? FindFault(InclusionReceipt receipt, IReadOnlyList<WatchedLog> logs, byte[]? entry)
    {
        string? fault = null;
        var holds = false;
        foreach (var log in logs)
        {
            var found = entry is null
                ? receipt.FindCheckpointFault(log.Key, log.Origin)
                : receipt.FindFault(entry, log.Key, log.Origin);
            if (receipt.Note.Verify(log.Key) == NoteVerdict.Forged) return found;
            holds |= found is null;
            fault = found ?? fault;
        }

        return holds ? null : fault;
    }

    /// <summary>The receipt's text, and the entry where the answer that carried it has it.</summary>
    /// <exception cref="CommandFailedException">The file cannot be read, or is an answer without a receipt.</exception>
    public static (string Receipt, byte[]? Entry) Read(string path)
    {
        var text = LedgerFile.ReadText(path);
        if (!text.AsSpan().TrimStart().StartsWith("{")) return (text, null);
        try
        {
            using var answer = StrictJson.Parse(Encoding.UTF8.GetBytes(text));
            var receipt = answer.RootElement.TryGetProperty("receipt", out var found) ? found.GetString() : null;
            var entry = answer.RootElement.TryGetProperty("entry", out var bytes) ? bytes.GetBytesFromBase64() : null;
            return (receipt ?? throw new CommandFailedException(
                $"\"{path}\" has no member \"receipt\"", ExitCode.Misuse), entry);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new CommandFailedException(
                $"\"{path}\" is not an answer with a receipt: {e.Message}", ExitCode.Misuse, e);
        }
    }
}
