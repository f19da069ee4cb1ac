namespace Broker.Cli.Ledger;

/// <summary>The answer of <c>ledger consistency --json</c>: roots and hashes are in Base64.</summary>
internal sealed record ConsistencyAnswer(
    bool Ok, long OldSize, string OldRoot, long NewSize, string NewRoot, IReadOnlyList<string> Proof);
