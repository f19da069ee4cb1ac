namespace Broker.Ledger.Sqlite.Connections;

/// <summary>
/// The SQLite that comes with Microsoft.Data.Sqlite. Everything that opens SQLite without that package's connection
/// calls <see cref="EnsureLoaded"/> first.
/// </summary>
public static class SqliteLibrary
{
    // A static field, so that it runs once and before the first use from any thread.
    private static readonly bool Loaded = Load();

    /// <summary>Safe to call from any thread, any number of times.</summary>
    public static void EnsureLoaded() => _ = Loaded;

    private static bool Load()
    {
        SQLitePCL.Batteries_V2.Init();
        return true;
    }
}
