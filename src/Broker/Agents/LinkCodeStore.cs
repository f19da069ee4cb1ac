using Broker.Cryptography;
using Broker.Ledger;
using Broker.Storage;
using Dapper;

namespace Broker.Agents;

/// <summary>Where link codes are kept, by their hash. Durable when a method returns.</summary>
internal interface ILinkCodeStore
{
    void Add(Sha256Digest code, AgentPlace place, DateTimeOffset until);

    /// <summary>Takes the code, once. Null where it is unknown, used or too old.</summary>
    AgentPlace? Redeem(Sha256Digest code, DateTimeOffset now);

    /// <summary>Nothing was signed: the code is good again.</summary>
    void Return(Sha256Digest code);
}

internal sealed class SqliteLinkCodeStore(StateDatabase database) : ILinkCodeStore
{
    public void Add(Sha256Digest code, AgentPlace place, DateTimeOffset until)
    {
        using var connection = database.Connect();
        connection.Execute(
            """
            INSERT INTO agent_link_codes (code_hash, operator_omni, label, requested_scope, expires_at)
            VALUES (@Code, @Operator, @Label, @Scope, @Until)
            """,
            new
            {
                Code = code.ToString(),
                Operator = place.Operator.ToString(),
                place.Label,
                place.Scope,
                Until = until.ToUnixTimeSeconds(),
            });
    }

    public AgentPlace? Redeem(Sha256Digest code, DateTimeOffset now)
    {
        using var connection = database.Connect();
        var (master, label, scope) = connection.QuerySingleOrDefault<(string?, string, string)>(
            "UPDATE agent_link_codes SET redeemed_at = @Now WHERE code_hash = @Code AND redeemed_at IS NULL "
            + "AND expires_at > @Now RETURNING operator_omni, label, requested_scope",
            new { Code = code.ToString(), Now = now.ToUnixTimeSeconds() });
        return ActorOmni.TryParse(master, out var omni) ? new AgentPlace(omni, label, scope) : null;
    }

    public void Return(Sha256Digest code)
    {
        using var connection = database.Connect();
        connection.Execute("UPDATE agent_link_codes SET redeemed_at = NULL WHERE code_hash = @Code",
            new { Code = code.ToString() });
    }
}
