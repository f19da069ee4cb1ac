using Broker.Ledger.Sqlite.Connections;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Broker.Tests.Hosting;

/// <summary>What other processes do to a database file.</summary>
internal static class DatabaseLock
{
    /// <summary>Holds the write lock, as a backup or a forgotten <c>sqlite3</c> shell would, until disposed.</summary>
    public static IDisposable Hold(string file, string how = "BEGIN IMMEDIATE")
    {
        SqliteLibrary.EnsureLoaded();
        var connection = new SqliteConnection($"Data Source={file};Pooling=False;Default Timeout=30");
        connection.Open();
        connection.Execute(how);
        return connection;
    }
}
