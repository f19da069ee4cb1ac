using Broker.Ledger.Merkle;
using Broker.Ledger.Reading;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Verification;

/// <summary>
/// Checks a whole ledger from its rows: every row's bytes against its leaf hash, every tile and every
/// checkpoint's root against the tree that the rows give, every signature, the triggers. One pass, in constant
/// memory, beside a running writer: what is appended meanwhile is left for the next check.
/// </summary>
/// <remarks>
/// Each checkpoint's root is recomputed from the one sequence of rows, so all of them are consistent with one another
/// when no finding says otherwise. A file that was put back to an earlier state of its own is sound in itself; only a
/// checkpoint or receipt kept elsewhere shows it, which is what <see cref="VerificationRequest.Known"/> is for.
/// </remarks>
public sealed class LedgerVerifier
{
    private const int ChunkRows = 2048;

    private readonly VerificationRequest _request;
    private readonly Findings _findings = new();
    private readonly RightEdge _edge = new();
    private readonly List<FullTile> _full = [];
    private readonly CanonicalEntry _canonical = new();
    private CheckpointCheck _checkpoints = null!;
    private TileCheck _tiles = null!;
    private long _rows;

    // Set once a leaf is lost for good: no root behind it can be recomputed.
    private long? _treeEndsAt;

    private LedgerVerifier(VerificationRequest request) => _request = request;

    /// <summary>Runs the check. Faults of the ledger are findings.</summary>
    public static VerificationReport Run(
        LedgerReader reader, VerificationRequest request, IProgress<VerificationProgress>? progress,
        CancellationToken stop)
    {
        return reader.Use(view => new LedgerVerifier(request).Check(view, progress, stop));
    }

    private VerificationReport Check(
        ILedgerView view, IProgress<VerificationProgress>? progress, CancellationToken stop)
    {
        // 1. How far it goes, seen at one moment: rows and newest checkpoint belong together.
        var (first, last, covered) = view.Extent();
        _checkpoints = new CheckpointCheck(view, _request, covered, _findings);
        _tiles = new TileCheck(view, covered, _findings);

        // 2. The rules that keep the store append-only.
        foreach (var finding in view.CheckRules(covered)) _findings.Add(finding);

        // 3. Row by row, the tree growing beside them, each checkpoint compared when its size is reached.
        try
        {
            CheckRows(view, covered, progress, stop);
        }
        catch (LedgerStoreException e) when (e.Fault == StoreFault.Damaged)
        {
            _findings.Add(FindingCode.FileDamaged, $"after row {_edge.Size}: {e.Message}", _edge.Size + 1);
        }

        // 4. What stands before the beginning or behind the end.
        if (first < 1)
        {
            _findings.Add(
                FindingCode.RowNotCovered, $"row {first}: ids begin with 1, so no commit of Broker's wrote it", first);
        }

        if (last > covered)
        {
            _findings.Add(FindingCode.RowNotCovered,
                $"row {covered + 1} to {last}: no checkpoint covers them, so no commit of Broker's wrote them",
                covered + 1);
        }

        _checkpoints.CheckKnown();
        return new VerificationReport(
            _rows, _tiles.Compared, _checkpoints.Compared, _checkpoints.SignaturesVerified,
            _edge.Root().ToBase64(), _findings.Listed, _findings.More);
    }

    private void CheckRows(
        ILedgerView view, long covered, IProgress<VerificationProgress>? progress, CancellationToken stop)
    {
        while (_edge.Size < covered && _treeEndsAt is null)
        {
            stop.ThrowIfCancellationRequested();
            var end = Math.Min(_edge.Size + ChunkRows, covered);
            foreach (var row in view.Range(_edge.Size, end))
            {
                Fill(row.Id - 1);
                if (_treeEndsAt is not null) break;
                CheckRow(row);
            }

            Fill(end);
            progress?.Report(new VerificationProgress(_edge.Size, covered));
        }
    }

    // Rows up to this index are not there: their leaves may still stand in a tile, so that the check can go on.
    private void Fill(long index)
    {
        while (_edge.Size < index && _treeEndsAt is null)
        {
            var id = _edge.Size + 1;
            _findings.Add(FindingCode.RowMissing, $"row {id} is missing: it was deleted", id);
            if (_tiles.StoredLeaf(_edge.Size) is { } leaf) Grow(leaf);
            else StopTree(id);
        }
    }

    private void CheckRow(LedgerRow row)
    {
        _rows++;
        _canonical.Write(row.Columns, row.Id);
        var computed = _canonical.LeafHash;
        var isOwnLeaf = MerkleHash.TryParseHex(row.LeafHash, out var stored) && stored == computed;
        if (!isOwnLeaf)
        {
            _findings.Add(FindingCode.RowChanged,
                $"row {row.Id} ({row.Columns.RecordId}): its columns do not give its leaf hash; the row was changed",
                row.Id);
        }

        // The tree says what the leaf was when it was committed; the row has to agree with it.
        var inTree = _tiles.StoredLeaf(row.Index) ?? stored;
        if (isOwnLeaf && inTree != computed)
        {
            _findings.Add(FindingCode.RowNotInTree,
                $"row {row.Id} ({row.Columns.RecordId}): row and leaf hash agree, but the tree " +
                "holds another leaf there",
                row.Id);
        }

        Grow(inTree);
    }

    private void Grow(in MerkleHash leaf)
    {
        _edge.Append(leaf, _full);
        foreach (var tile in _full) _tiles.Compare(tile);
        _full.Clear();
        _checkpoints.Reached(_edge);
    }

    private void StopTree(long id)
    {
        _treeEndsAt = id;
        _findings.Add(FindingCode.RowMissing,
            $"the tree cannot be followed beyond row {id}: its leaf is in no tile; later rows were not checked", id);
    }
}
