using Broker.Ledger.Sqlite.Log;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Tests.Stores;

public sealed class SqliteStoreTests : StoreSuite
{
    private readonly LedgerFolder _folder = new();

    private protected override ILedgerStore Open(bool tracksAnchor = false) =>
        SqliteLedgerStore.Open(_folder.File, TimeSpan.FromSeconds(2), tracksAnchor);

    protected override void Dispose(bool isDisposing)
    {
        _folder.Dispose();
        base.Dispose(isDisposing);
    }
}
