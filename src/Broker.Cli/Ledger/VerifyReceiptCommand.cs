using System.CommandLine;
using System.Text;
using System.Text.Json;
using Broker.Cli.Terminal;
using Broker.Foundation;
using Broker.Ledger.Notes;
using Broker.Ledger.Policies;

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
        var trust = new TrustOptions(takesOrigins: true);
        var entry = new Option<string>("--entry") { Description = "the entry's canonical bytes", HelpName = "FILE" };
        var json = LedgerFile.JsonOption();
        var command =
            new Command(
                "verify-receipt",
                "Check a receipt offline against the log's key, or against a policy of logs and witnesses; exit code 3 "
                + "when no entry was given to check it for")
        {
            file, entry, json,
        };
        trust.AddTo(command);
        command.SetAction(parsed => Run(
            parsed.GetValue(file)!,
            trust.Read(parsed) ?? throw new CommandFailedException("give --vkey or --policy", ExitCode.Misuse),
            parsed.GetValue(entry),
            parsed.GetValue(json),
            parsed.InvocationConfiguration.Output));
        return command;
    }

    private static int Run(string path, Trust trust, string? entryPath, bool json, TextWriter output)
    {
        var (text, embedded) = Read(path);
        var entry = entryPath is null ? embedded : LedgerFile.ReadBytes(entryPath);
        var receipt = InclusionReceipt.TryParse(text, out var parsed) ? parsed : null;
        var verdict = receipt is null ? null : trust.Policy.Judge(receipt.Note, receipt.Checkpoint);
        var fault = receipt is null
            ? "the file is not a receipt in the tlog-proof form"
            : verdict!.Fault ?? (entry is null ? receipt.FindIndexFault() : receipt.FindProofFault(entry));
        var isInclusionChecked = fault is null && entry is not null;
        var standing = verdict is null ? null : trust.StandingOf(verdict, receipt!.Checkpoint);

        if (json)
        {
            var answer = new ReceiptAnswer(
                fault is null,
                fault,
                isInclusionChecked ? "verified" : "not_checked",
                receipt?.Checkpoint.Origin,
                receipt?.Index,
                receipt?.Checkpoint.Size,
                receipt?.Checkpoint.Root.ToBase64(),
                verdict?.Log?.Key.Label,
                standing);
            JsonOutput.Write(output, answer, LedgerJson.Indented.ReceiptAnswer);
        }
        else
        {
            Print(receipt, verdict, fault, standing, isInclusionChecked, output);
        }

        if (fault is not null) return ExitCode.Failed;
        return isInclusionChecked ? ExitCode.Ok : ExitCode.NotAllChecked;
    }

    private static void Print(
        InclusionReceipt? receipt, PolicyVerdict? verdict, string? fault, PolicyAnswer? standing,
        bool isInclusionChecked, TextWriter output)
    {
        if (fault is not null)
        {
            // Who did cosign helps to see what is missing; it is no praise of the receipt.
            if (standing is not null) PolicyText.Write(output, standing);
            output.WriteLine($"FAILED: {Table.Printable(fault)}");
            return;
        }

        var checkpoint = receipt!.Checkpoint;
        output.WriteLine(
            $"ok: the checkpoint of {Table.Printable(checkpoint.Origin)} at size {checkpoint.Size} is signed by the "
            + $"key {Table.Printable(verdict!.Log!.Key.Label)}");
        if (standing is not null) PolicyText.Write(output, standing);
        output.WriteLine(isInclusionChecked
            ? $"ok: the entry is in it, at index {receipt.Index}"
            : "NOT CHECKED: that a certain entry is in it; give --entry");
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
