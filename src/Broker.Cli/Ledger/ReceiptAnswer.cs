namespace Broker.Cli.Ledger;

/// <summary>The answer of <c>ledger verify-receipt --json</c>: what the file does not say is null.</summary>
/// <param name="Log">Name and id of the log's key that signed the checkpoint; null where no trusted one did.</param>
/// <param name="Policy">Null without <c>--policy</c>.</param>
internal sealed record ReceiptAnswer(
    bool Ok, string? Fault, string Inclusion, string? Origin, long? Index, long? TreeSize, string? Root, string? Log,
    PolicyAnswer? Policy);
