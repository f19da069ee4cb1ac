using Broker.Ledger.Sqlite.Connections;

namespace Broker.Ledger.Sqlite.Index;

/// <summary>The index of a ledger that this process only reads: checked before its first use, never written.</summary>
internal sealed class ForeignIndex(string ledgerPath) : IIndexAccess
{
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(2);

    private readonly Lock _guard = new();
    private bool? _isUsable;

    public string Path { get; } = IndexPath.Of(ledgerPath);

    public IndexTail? Tail => null;

    public int? Generation()
    {
        lock (_guard) return (_isUsable ??= Check()) ? 1 : null;
    }

    public void Distrust(int generation)
    {
        lock (_guard) _isUsable = false;
    }

    private bool Check()
    {
        if (!File.Exists(Path)) return false;
        try
        {
            using var log = SqliteDatabase.OpenForReading(ledgerPath, BusyTimeout);
            using var index = SqliteDatabase.OpenForReading(Path, BusyTimeout);
            return IndexCheck.FindFault(index, log) is null;
        }
        catch (SqliteFailure)
        {
            return false;
        }
    }
}
