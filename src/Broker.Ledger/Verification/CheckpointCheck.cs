using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Verification;

/// <summary>
/// Compares each stored checkpoint with the tree that the rows give at its size, and its signature with the keys;
/// does the same for checkpoints that were kept elsewhere.
/// </summary>
internal sealed class CheckpointCheck
{
    private const int CheckpointsAtOnce = 1024;

    private readonly VerificationRequest _request;
    private readonly Findings _findings;
    private readonly ILedgerView _view;
    private readonly long _covered;
    private readonly Queue<Checkpoint> _known;
    private readonly Queue<StoredCheckpoint> _next = [];
    private long _readTo;
    private long _lastGood;

    public CheckpointCheck(ILedgerView view, VerificationRequest request, long covered, Findings findings)
    {
        _request = request;
        _findings = findings;
        _covered = covered;
        _known = new Queue<Checkpoint>(request.Known.OrderBy(checkpoint => checkpoint.Size));
        _view = view;
        ReadMore();
    }

    /// <summary>Checkpoints compared with the rows.</summary>
    public long Compared { get; private set; }

    public long SignaturesVerified { get; private set; }

    /// <summary>The tree has grown by one leaf.</summary>
    public void Reached(RightEdge edge)
    {
        CompareKnown(edge);
        if (_next.Count == 0 || _next.Peek().Size != edge.Size) return;
        var (size, root, note) = _next.Dequeue();
        if (_next.Count == 0) ReadMore();
        Compare(size, root, note, edge.Root());
    }

    /// <summary>A known checkpoint beyond the end says that the ledger was longer once.</summary>
    public void CheckKnown()
    {
        foreach (var known in _known)
        {
            if (known.Size == 0) continue;
            _findings.Add(FindingCode.HistoryChanged,
                $"a checkpoint kept elsewhere covers {known.Size} rows, this ledger only {_covered}: " +
                "rows were taken away");
        }
    }

    private void Compare(long size, byte[] storedRoot, string note, in MerkleHash root)
    {
        Compared++;
        if (!SignedNote.TryParse(note, out var signed) || !Checkpoint.TryParse(signed.Text, out var checkpoint))
        {
            _findings.Add(FindingCode.CheckpointWrong, $"the checkpoint of size {size} cannot be read");
            return;
        }

        if (checkpoint.Size != size || storedRoot.Length != MerkleHash.Size || new MerkleHash(
            storedRoot) != checkpoint.Root)
        {
            _findings.Add(FindingCode.CheckpointWrong,
                $"the checkpoint of size {size}: its note says something else than its columns");
        }
        else if (checkpoint.Root != root)
        {
            _findings.Add(FindingCode.CheckpointWrong,
                $"the checkpoint of size {size} has another root than the rows give: " +
                $"something was changed in rows {_lastGood + 1} to {size}", _lastGood + 1);
        }
        else
        {
            _lastGood = size;
        }

        CheckSignature(size, signed);
    }

    private void CheckSignature(long size, SignedNote note)
    {
        if (_request.Keys.Count == 0) return;
        if (note.Verify(_request.Keys) == NoteVerdict.Signed)
        {
            SignaturesVerified++;
            return;
        }

        _findings.Add(FindingCode.SignatureWrong, $"the checkpoint of size {size} is not signed by the key");
    }

    private void CompareKnown(RightEdge edge)
    {
        while (_known.TryPeek(out var known) && known.Size <= edge.Size)
        {
            _known.Dequeue();
            if (known.Size == edge.Size && known.Root != edge.Root())
            {
                _findings.Add(FindingCode.HistoryChanged,
                    $"a checkpoint kept elsewhere has another root at size {known.Size}: " +
                    $"rows up to {known.Size} were changed");
            }
        }
    }

    private void ReadMore()
    {
        foreach (var checkpoint in _view.Checkpoints(_readTo, _covered, CheckpointsAtOnce))
        {
            _readTo = checkpoint.Size;
            _next.Enqueue(checkpoint);
        }
    }
}
