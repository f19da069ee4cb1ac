using Broker.EndToEnd.Clients;
using Broker.Ledger;
using Broker.Ledger.Reading;

namespace Broker.EndToEnd.Radosgw;

/// <summary>Reads what the broker put on record, straight from its file.</summary>
internal static class LedgerRows
{
    /// <summary>The actor's last row.</summary>
    public static LedgerRow NewestOf(RadosgwSite site, WalletSession session)
    {
        using var ledger = site.OpenLedger();
        return ledger.PageByActor(session.Omni, 0, LedgerReader.MaxPage)[^1];
    }
}
