namespace Broker.Ledger.Verification;

/// <summary>What a full check of a ledger file saw.</summary>
/// <param name="Rows">Rows whose bytes were hashed.</param>
/// <param name="Tiles">Full tiles compared with the tree.</param>
/// <param name="Checkpoints">Checkpoints whose root was recomputed from the rows.</param>
/// <param name="Signatures">Checkpoint signatures verified; 0 when no key was given.</param>
/// <param name="Root">Root over all rows that are covered, in base64.</param>
/// <param name="Findings">What is wrong, in the order of the ledger; empty when nothing is.</param>
/// <param name="MoreFindings">How many further findings were not listed.</param>
public sealed record VerificationReport(
    long Rows, long Tiles, long Checkpoints, long Signatures, string Root, IReadOnlyList<LedgerFinding> Findings,
    long MoreFindings)
{
    /// <summary>True when nothing is wrong.</summary>
    public bool IsSound => Findings.Count == 0;
}

/// <summary>How far a check has come.</summary>
public readonly record struct VerificationProgress(long RowsDone, long RowsInAll);
