namespace Broker.Cli.Ledger;

/// <summary>The answer of <c>ledger prove --json</c>: the entry is its canonical bytes.</summary>
internal sealed record ProofAnswer(string? RecordId, long Index, string LeafHash, string Receipt, byte[] Entry);
