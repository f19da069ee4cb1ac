using Broker.Ledger;
using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;
using Broker.Ledger.Reading;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Verification;

namespace Broker.EndToEnd.Crash;

/// <summary>
/// Remembers every credential and every checkpoint that any client ever saw, and holds the ledger to them. What it
/// finds wrong is in <see cref="Faults"/>, in words.
/// </summary>
internal sealed class LedgerWitness(string ledgerFile, NoteKey key)
{
    private const int MostFaults = 20;
    private const int NewestRows = 600;

    private readonly List<ReceivedCredential> _credentials = [];
    private readonly SortedDictionary<long, Checkpoint> _checkpoints = [];
    private readonly List<Checkpoint> _newestOfRounds = [];
    private readonly HashSet<string> _recordIds = new(StringComparer.Ordinal);

    public List<string> Faults { get; } = [];

    public int Credentials => _credentials.Count;

    public int Checkpoints => _checkpoints.Count;

    /// <summary>
    /// After a restart: what arrived before the kill is on record, with proofs under the newest checkpoint, and the
    /// checkpoints that came along are beginnings of it, as is the last one of every round before.
    /// </summary>
    public void CheckRound(IReadOnlyCollection<ReceivedCredential> received)
    {
        using var ledger = SqliteLedger.OpenReader(ledgerFile);
        if (ReadNewest(ledger) is not { } newest) return;
        var seen = new List<Checkpoint>();
        foreach (var credential in received)
        {
            _credentials.Add(credential);
            if (!_recordIds.Add(credential.RecordId)) Fault($"{credential.RecordId} was given to two credentials");
            if (CheckOwnReceipt(credential) is { } checkpoint && Remember(checkpoint)) seen.Add(checkpoint);
            CheckOnRecord(ledger, credential, newest);
        }

        CheckByActor(ledger, NewestRows);
        if (Remember(newest)) seen.Add(newest);
        foreach (var earlier in seen.Concat(_newestOfRounds)) CheckConsistent(ledger, earlier, newest);
        _newestOfRounds.Add(newest);
    }

    /// <summary>At the end: all credentials and checkpoints once more, and every row of the file.</summary>
    public void CheckAll()
    {
        using var ledger = SqliteLedger.OpenReader(ledgerFile);
        if (ReadNewest(ledger) is not { } newest) return;
        foreach (var credential in _credentials) CheckOnRecord(ledger, credential, newest);
        CheckByActor(ledger, int.MaxValue);
        foreach (var checkpoint in _checkpoints.Values) CheckConsistent(ledger, checkpoint, newest);
        var report = LedgerVerifier.Run(
            ledger, new VerificationRequest { Keys = [key], Known = [.. _checkpoints.Values] },
            progress: null, CancellationToken.None);
        foreach (var finding in report.Findings) Fault(finding.ToString());
        if (report.Rows < _credentials.Count) Fault($"{report.Rows} rows for {_credentials.Count} credentials");
    }

    private Checkpoint? ReadNewest(LedgerReader ledger)
    {
        if (SignedNote.TryParse(ledger.NewestCheckpoint(), out var note) && note.Verify(key) == NoteVerdict.Signed
            && Checkpoint.TryParse(note.Text, out var newest)) return newest;
        Fault("the newest checkpoint is not one that the ledger's key signed");
        return null;
    }

    /// <summary>The receipt as it came, over the entry as it came: the file has no say in it.</summary>
    private Checkpoint? CheckOwnReceipt(ReceivedCredential credential)
    {
        if (!InclusionReceipt.TryParse(credential.Receipt, out var receipt))
        {
            Fault($"{credential.RecordId}: its receipt cannot be read");
            return null;
        }

        if (receipt.FindFault(credential.Entry, key) is { } fault)
            Fault($"{credential.RecordId}: its own receipt: {fault}");
        return receipt.Checkpoint;
    }

    private void CheckOnRecord(LedgerReader ledger, ReceivedCredential credential, Checkpoint newest)
    {
        if (ledger.Find(credential.RecordId) is not { } row)
        {
            Fault($"{credential.RecordId} is not on record");
            return;
        }

        if (!row.ToCanonicalBytes().AsSpan().SequenceEqual(credential.Entry))
            Fault($"{credential.RecordId}: its row is not the entry that the client got");
        if (ledger.Receipt(row.Index) is not { } proof || !InclusionReceipt.TryParse(proof, out var receipt))
            Fault($"{credential.RecordId} has no proof");
        else if (receipt.FindFault(credential.Entry, key) is { } fault)
            Fault($"{credential.RecordId}: {fault}");
        else if (receipt.Checkpoint != newest)
            Fault($"{credential.RecordId}: its proof is not under the newest checkpoint");
    }

    /// <summary>
    /// What is found by actor, wallet and kind is what a walk over the newest rows finds, newest first. A broker that
    /// runs may add rows meanwhile, which are left out.
    /// </summary>
    private void CheckByActor(LedgerReader ledger, int rows)
    {
        var walk = ledger.Rows(new LedgerFilter { NewestFirst = true, Limit = rows }).ToList();
        if (walk.Count == 0) return;
        var (first, last) = (walk[^1].Id, walk[0].Id);
        foreach (var columns in walk.Select(row => row.Columns)
            .DistinctBy(row => (row.ActorOmni, row.RequesterWallet, row.Kind)))
        {
            foreach (var filter in (LedgerFilter[])
            [
                new() { ActorOmni = columns.ActorOmni }, new() { Wallet = columns.RequesterWallet },
                new() { Kind = columns.Kind },
            ])
            {
                var found = ledger.Rows(filter with { NewestFirst = true, AfterId = first - 1 })
                    .Where(row => row.Id <= last);
                if (!found.SequenceEqual(walk.Where(row => filter.Matches(row.Columns))))
                    Fault($"the rows of {filter} are not those of a walk over all rows");
            }
        }
    }

    private void CheckConsistent(LedgerReader ledger, Checkpoint earlier, Checkpoint newest)
    {
        // The proof's hashes are judged against the roots that were signed, not against those that the reader computed.
        if (ledger.Consistency(earlier.Size, newest.Size) is not { } proof
            || !MerkleVerifier.IsConsistent(earlier.Size, newest.Size, [.. proof.Path], earlier.Root, newest.Root))
            Fault($"the checkpoint of size {earlier.Size} is no beginning of that of size {newest.Size}");
    }

    private bool Remember(Checkpoint checkpoint)
    {
        if (_checkpoints.TryAdd(checkpoint.Size, checkpoint)) return true;
        if (_checkpoints[checkpoint.Size] != checkpoint)
            Fault($"two checkpoints of size {checkpoint.Size} with different roots");
        return false;
    }

    private void Fault(string what)
    {
        if (Faults.Count < MostFaults) Faults.Add(what);
    }
}
