using Broker.Storage;
using Dapper;

namespace Broker.StartRecords;

/// <summary>Where the digests of the last start are kept. Durable when a method returns.</summary>
internal interface ILastStart
{
    /// <summary>Empty before the first start.</summary>
    IReadOnlyDictionary<string, string> Read();

    void Replace(IReadOnlyDictionary<string, string> digests);
}

internal sealed class SqliteLastStart(StateDatabase database) : ILastStart
{
    public IReadOnlyDictionary<string, string> Read()
    {
        using var connection = database.Connect();
        return connection.Query<(string Name, string Digest)>("SELECT name, digest FROM last_start_settings")
            .ToDictionary(row => row.Name, row => row.Digest, StringComparer.Ordinal);
    }

    public void Replace(IReadOnlyDictionary<string, string> digests)
    {
        using var connection = database.Connect();
        using var transaction = connection.BeginTransaction();
        connection.Execute("DELETE FROM last_start_settings", transaction: transaction);
        connection.Execute(
            "INSERT INTO last_start_settings (name, digest) VALUES (@Key, @Value)", digests, transaction);
        transaction.Commit();
    }
}
