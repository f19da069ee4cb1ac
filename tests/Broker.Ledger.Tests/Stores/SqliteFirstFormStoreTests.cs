using Broker.Ledger.Sqlite.Log;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Tests.Stores;

/// <summary>The suite over a file of the first form, which is written as it is.</summary>
public sealed class SqliteFirstFormStoreTests : StoreSuite
{
    private readonly LedgerFolder _folder = new LedgerFolder().OfVersion(SqliteLedgerSchema.IndexedVersion);

    private protected override ILedgerStore Open(bool tracksAnchor = false) =>
        SqliteLedgerStore.Open(_folder.File, TimeSpan.FromSeconds(2), tracksAnchor);

    protected override void Dispose(bool isDisposing)
    {
        _folder.Dispose();
        base.Dispose(isDisposing);
    }
}
