using Broker.Storage;
using Dapper;

namespace Broker.OAuth.Clients;

/// <summary>Where the ids of client assertions are remembered while they could be sent again.</summary>
internal interface IAssertionStore
{
    /// <summary>False when this client used the id before. Durable when it returns.</summary>
    bool TryUse(string clientId, string assertionId, DateTimeOffset until);
}

internal sealed class SqliteAssertionStore(StateDatabase database) : IAssertionStore
{
    public bool TryUse(string clientId, string assertionId, DateTimeOffset until)
    {
        using var connection = database.Connect();
        return connection.Execute(
            "INSERT INTO oauth_client_assertions (client_id, assertion_id, expires_at) VALUES (@Client, @Id, @Until) "
            + "ON CONFLICT DO NOTHING",
            new { Client = clientId, Id = assertionId, Until = until.ToUnixTimeSeconds() }) == 1;
    }
}
