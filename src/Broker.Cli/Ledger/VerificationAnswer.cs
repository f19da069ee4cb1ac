using Broker.Ledger;

namespace Broker.Cli.Ledger;

/// <summary>The answer of <c>ledger verify --json</c>.</summary>
internal sealed record VerificationAnswer(
    bool Ok,
    long Rows,
    long Tiles,
    long Checkpoints,
    long Signatures,
    string KeySource,
    string Root,
    IReadOnlyList<LedgerFinding> Findings,
    long MoreFindings);
