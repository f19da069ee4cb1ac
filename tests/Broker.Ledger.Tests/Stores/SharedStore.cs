using Broker.Ledger.Notes;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Tests.Stores;

/// <summary>One store for several writers, which know nothing of each other: one call at a time.</summary>
internal sealed class SharedStore(ILedgerStore store) : ILedgerStore
{
    private readonly Lock _guard = new();

    public IAnchorStates? AnchorStates => store.AnchorStates;

    public StoreStatus Status => store.Status;

    public LedgerHead Load()
    {
        lock (_guard) return store.Load();
    }

    public void Commit(LedgerCommit commit)
    {
        lock (_guard) store.Commit(commit);
    }

    public void KeepKey(NoteKey key)
    {
        lock (_guard) store.KeepKey(key);
    }

    public void Probe()
    {
        lock (_guard) store.Probe();
    }

    public ILedgerView OpenView() => store.OpenView();

    // The test disposes of the store that is shared.
    public void Dispose()
    {
    }
}
