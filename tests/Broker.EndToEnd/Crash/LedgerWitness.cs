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
