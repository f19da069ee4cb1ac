namespace Broker.Ledger;

/// <summary>One thing that is wrong with a ledger.</summary>
/// <param name="Code">Stable word for the kind of fault, see <see cref="FindingCode"/>.</param>
/// <param name="Message">What is wrong, with the row or tile by name.</param>
/// <param name="Row">The row's id, where the fault has one.</param>
public sealed record LedgerFinding(string Code, string Message, long? Row = null);

/// <summary>The values of <see cref="LedgerFinding.Code"/>.</summary>
public static class FindingCode
{
    /// <summary>A trigger that keeps a table append-only is gone or says something else.</summary>
    public const string TriggerMissing = "trigger_missing";

    /// <summary>A row's columns do not give its leaf hash: the row was edited, or another took its place.</summary>
    public const string RowChanged = "row_changed";

    /// <summary>The ids have a gap: a row was deleted.</summary>
    public const string RowMissing = "row_missing";

    /// <summary>A row stands behind the newest checkpoint: it was not written by a commit of Broker's.</summary>
    public const string RowNotCovered = "row_not_covered";

    /// <summary>Row and leaf hash agree with each other, but not with the tree: both were edited.</summary>
    public const string RowNotInTree = "row_not_in_tree";

    /// <summary>A stored tile is missing, has another root, or should not be there.</summary>
    public const string TileWrong = "tile_wrong";

    /// <summary>A stored checkpoint does not say what the rows give.</summary>
    public const string CheckpointWrong = "checkpoint_wrong";

    /// <summary>A stored checkpoint is not signed by the key.</summary>
    public const string SignatureWrong = "signature_wrong";

    /// <summary>The ledger does not contain what a checkpoint kept elsewhere says it did.</summary>
    public const string HistoryChanged = "history_changed";

    /// <summary>A record id stands in more than one row: no commit of Broker's wrote the later one.</summary>
    public const string RecordRepeated = "record_repeated";

    /// <summary>The database itself finds the file damaged.</summary>
    public const string FileDamaged = "file_damaged";
}
