namespace Broker.Cli.Ledger;

/// <summary>The answer of <c>ledger verify-receipt --json</c>: what the file does not say is null.</summary>
internal sealed record ReceiptAnswer(
    bool Ok, string? Fault, string Inclusion, string? Origin, long? Index, long? TreeSize, string? Root);
