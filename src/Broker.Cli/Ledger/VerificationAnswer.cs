using Broker.Ledger;

namespace Broker.Cli.Ledger;

/// <summary>The answer of <c>ledger verify --json</c>.</summary>
/// <param name="Policy">
/// How the newest checkpoint of <c>--known</c> that satisfies <c>--policy</c> stands towards it; null without a policy.
/// </param>
internal sealed record VerificationAnswer(
    bool Ok,
    long Rows,
    long Tiles,
    long Checkpoints,
    long Signatures,
    string KeySource,
    string Root,
    IReadOnlyList<LedgerFinding> Findings,
    long MoreFindings,
    PolicyAnswer? Policy);
