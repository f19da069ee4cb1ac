using Broker.Ledger.Sqlite.Files;

namespace Broker.Ledger.Sqlite.Index;

/// <summary>Where a ledger's index lies: <c>audit-index.sqlite</c> beside <c>audit.sqlite</c>.</summary>
internal static class IndexPath
{
    public static string Of(string ledgerPath)
    {
        var real = LedgerPath.Resolve(ledgerPath);
        var extension = Path.GetExtension(real);
        return $"{real[..^extension.Length]}-index{extension}";
    }

    /// <summary>Takes the index away; whoever still reads it goes on with what they have open.</summary>
    public static void Delete(string path)
    {
        foreach (var part in (string[])[path, path + "-wal", path + "-shm"]) File.Delete(part);
    }
}
