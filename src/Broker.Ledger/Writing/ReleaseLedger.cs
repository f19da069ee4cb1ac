using Broker.Cryptography;
using Broker.Ledger.Anchors;
using Broker.Ledger.Notes;
using Broker.Ledger.Reading;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Writing;

/// <summary>
/// The ledger as the process that writes it sees it: every release and every refusal goes through here, and nothing
/// is answered before its entry is durable. Safe to use from many threads.
/// </summary>
public sealed class ReleaseLedger : IAsyncDisposable
{
    private const int TicksPerTimeout = 10;

    private readonly LedgerOptions _options;
    private readonly ILedgerStore _store;
    private readonly CommitQueue _queue;
    private readonly LedgerWriter _writer;
    private readonly TimeProvider _time;
    private readonly AnchorDispatcher? _anchor;
    private readonly ITimer _patience;
    private int _disposed;

    private ReleaseLedger(
        ILedgerStore store, LedgerOptions options, LedgerHead head, CheckpointSigners signers,
        (ILedgerAnchor Anchor, AnchorOptions Options)? anchoring, TimeProvider time)
    {
        _options = options;
        _store = store;
        _time = time;
        _queue = new CommitQueue(options.QueueCapacity);
        _writer = new LedgerWriter(store, head, _queue, signers, time, options.MaxBatch);
        Reader = new LedgerReader(store.OpenView);
        _writer.Start();

        // One timer for all that wait: one for each entry would cost as much as the entry's way through the queue.
        var tick = options.CommitTimeout / TicksPerTimeout;
        _patience = time.CreateTimer(_ => GiveUpLate(), null, tick, tick);
        if (anchoring is not var (anchor, anchorOptions)) return;
        var states = store.AnchorStates
            ?? throw new ArgumentException("internal error: the store does not note what the anchor holds");
        _anchor = new AnchorDispatcher(anchor, anchorOptions, states, Reader, NewestForAnchor, time);
    }

    /// <summary>How the second anchor is doing; null where there is none.</summary>
    public AnchorStatus? AnchorStatus => _anchor?.Status;

    /// <summary>
    /// What verifies the checkpoints from the next one on; its text form is the vkey to publish. See
    /// <see cref="SignWith"/>.
    /// </summary>
    public NoteKey VerifierKey => _writer.Signers.VerifierKey;

    /// <summary>Reads what is on record.</summary>
    public LedgerReader Reader { get; }

    /// <summary>How the ledger is doing at this moment.</summary>
    public LedgerStatus Status => _writer.Status;

    /// <summary>The newest signed checkpoint, from memory; empty while the ledger has no entry.</summary>
    public string NewestCheckpoint => _writer.Committed.Note;

    /// <summary>
    /// Opens the ledger of a store for writing, new where the store is empty. Reads the tree's right edge only, so the
    /// time it takes does not grow with the ledger. The key stays the caller's; dispose of it after the ledger. The
    /// store is the ledger's from now on, and is disposed of if this fails.
    /// </summary>
    /// <exception cref="LedgerOpenException">The ledger cannot be written, with the reason.</exception>
    public static ReleaseLedger Open(
        ILedgerStore store, LedgerOptions options, Ed25519SigningKey checkpointKey, TimeProvider time) =>
        Open(store, options, new CheckpointSigners(options.Origin, [checkpointKey]), time);

    /// <summary>The same with several keys, as <see cref="SignWith"/> has them.</summary>
    /// <exception cref="LedgerOpenException">The ledger cannot be written, with the reason.</exception>
    public static ReleaseLedger Open(
        ILedgerStore store, LedgerOptions options, CheckpointSigners signers, TimeProvider time) =>
        Open(store, options, signers, anchoring: null, time);

    /// <summary>The same with a second anchor, which the policy of its options says how to wait for.</summary>
    /// <exception cref="LedgerOpenException">The ledger cannot be written, with the reason.</exception>
    public static ReleaseLedger Open(
        ILedgerStore store, LedgerOptions options, CheckpointSigners signers, ILedgerAnchor anchor,
        AnchorOptions anchorOptions, TimeProvider time) =>
        Open(store, options, signers, (anchor, anchorOptions), time);

    private static ReleaseLedger Open(
        ILedgerStore store, LedgerOptions options, CheckpointSigners signers,
        (ILedgerAnchor Anchor, AnchorOptions Options)? anchoring, TimeProvider time)
    {
        try
        {
            var head = store.Load();
            CheckKey(options, head, signers);
            store.KeepKey(signers.VerifierKey);
            return new ReleaseLedger(store, options, head, signers, anchoring, time);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Signs with other keys from the next checkpoint on; those of before go on verifying with the keys of before. The
    /// keys stay the caller's, and live as long as the ledger.
    /// </summary>
    /// <exception cref="ArgumentException">They are of another origin.</exception>
    public void SignWith(CheckpointSigners signers)
    {
        if (signers.VerifierKey.Name != _options.Origin)
            throw new ArgumentException("internal error: signers of another origin", nameof(signers));
        _writer.Signers = signers;
    }

    /// <summary>
    /// Puts a release on record. Returns after its entry is durable, with the one thing that lets the release go.
    /// </summary>
    /// <exception cref="LedgerUnavailableException">The entry is not known to be durable; nothing may
    /// leave.</exception>
    public async ValueTask<RecordedRelease<TRelease>> RecordAsync<TRelease>(TRelease release, CancellationToken stop)
        where TRelease : IRelease
    {
        var receipt = await AppendAnchoredAsync(release.ToEntry(), stop).ConfigureAwait(false);
        return new RecordedRelease<TRelease>(release, receipt);
    }

    /// <summary>Puts a refusal or an event on record. Returns after its entry is durable.</summary>
    /// <exception cref="LedgerUnavailableException">The entry is not known to be durable.</exception>
    /// <exception cref="ArgumentException">The entry breaks a rule of <see cref="LedgerEntry"/>: a bug of the
    /// caller.</exception>
    public async ValueTask<LedgerReceipt> AppendAsync(LedgerEntry entry, CancellationToken stop)
    {
        var receipt = await WriteAsync(entry, stop).ConfigureAwait(false);

        // Nothing leaves with a refusal, so nobody waits for the anchor to have it too.
        _anchor?.Wake();
        return receipt;
    }

    /// <summary>
    /// Puts an event on record that lets something leave, such as an answer that is given again. Returns once a
    /// release would: after its entry is durable, and under <see cref="AnchorPolicy.DualStrict"/> in the anchor too.
    /// </summary>
    /// <exception cref="LedgerUnavailableException">The entry is not known to be durable; nothing may
    /// leave.</exception>
    public async ValueTask<LedgerReceipt> AppendAnchoredAsync(LedgerEntry entry, CancellationToken stop)
    {
        var receipt = await WriteAsync(entry, stop).ConfigureAwait(false);
        if (_anchor is not null) await _anchor.FollowAsync(receipt.Index, stop).ConfigureAwait(false);
        return receipt;
    }

    private ValueTask<LedgerReceipt> WriteAsync(LedgerEntry entry, CancellationToken stop)
    {
        if (!_options.Kinds.Contains(entry.Kind))
            throw new ArgumentException($"internal error: no feature has declared the kind \"{entry.Kind}\"");
        var pending = new PendingEntry(EncodedEntry.Of(entry.ToColumns()), _time.GetTimestamp());
        if (_queue.TryAdd(pending) is { } refused)
        {
            throw new LedgerUnavailableException(refused, refused == LedgerFault.Busy
                ? $"{_options.QueueCapacity} entries already wait for the ledger"
                : "the ledger is closing");
        }

        return stop.CanBeCanceled ? WaitAsync(pending, stop) : new ValueTask<LedgerReceipt>(pending.Task);
    }

    private static async ValueTask<LedgerReceipt> WaitAsync(PendingEntry pending, CancellationToken stop)
    {
        try
        {
            return await pending.Task.WaitAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            pending.Abandon();
            throw;
        }
    }

    private void GiveUpLate()
    {
        var timeout = (long)(_options.CommitTimeout.TotalSeconds * _time.TimestampFrequency);
        foreach (var late in _queue.Before(_time.GetTimestamp() - timeout))
        {
            late.GiveUp(new LedgerUnavailableException(
                LedgerFault.TimedOut, $"the ledger did not answer within {_options.CommitTimeout.TotalSeconds} s"));
        }
    }

    /// <summary>Takes no more entries, writes those that wait, and lets go of the store.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _queue.Close();
        if (_anchor is not null) await _anchor.DisposeAsync();
        var ended = await Task.Run(() => _writer.WaitForEnd(_options.CommitTimeout));
        Reader.Dispose();

        // A writer that hangs in the disk still uses the connection; the end of the process takes it away. Those who
        // wait for it still hear that it is late.
        if (!ended) return;
        await _patience.DisposeAsync();
        _store.Dispose();
    }

    private AnchoredCheckpoint NewestForAnchor()
    {
        var tree = _writer.Committed;
        return new AnchoredCheckpoint(tree.Size, tree.Note);
    }

    private static void CheckKey(LedgerOptions options, LedgerHead head, CheckpointSigners signers)
    {
        if (head.Size == 0 || options.AcceptOtherKey) return;
        if (SignedNote.TryParse(head.Note, out var note) && note.Verify(signers.Known) == NoteVerdict.Signed) return;
        throw new LedgerOpenException(LedgerOpenFault.OtherKey,
            $"the newest checkpoint of \"{options.Origin}\" is not signed by {string.Join(" or ", signers.Known)}: "
            + "another key or origin wrote it");
    }
}
