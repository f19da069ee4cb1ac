namespace Broker.Ledger.Sqlite.Files;

/// <summary>Where a ledger's file really lies.</summary>
internal static class LedgerPath
{
    /// <summary>
    /// The full path of the file that a path leads to, symbolic links followed; the path itself where nothing is yet.
    /// </summary>
    public static string Resolve(string path)
    {
        var full = Path.GetFullPath(path);
        return new FileInfo(full).LinkTarget is null
            ? full
            : File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
    }
}
