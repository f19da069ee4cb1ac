using Broker.Ledger.Sqlite.Connections;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Broker.Tests.Hosting;

/// <summary>A row of <c>mint_log</c>, read with SQL from the file as an operator reads it.</summary>
public sealed record MintLogRow
{
    public long Id { get; init; }

    public long MintedAt { get; init; }

    public string RequesterToken { get; init; } = "";

    public string RequesterWallet { get; init; } = "";

    public string RequestedRole { get; init; } = "";

    public long SessionDurationSeconds { get; init; }

    public string StsSessionName { get; init; } = "";

    public string Outcome { get; init; } = "";

    public string? OutcomeDetail { get; init; }

    public string RecordId { get; init; } = "";

    public string Kind { get; init; } = "";

    public string ActorOmni { get; init; } = "";

    public string Subject { get; init; } = "";

    public string RequestId { get; init; } = "";

    public string RequestHash { get; init; } = "";

    public string AccessKeyId { get; init; } = "";

    public long ExpiresAt { get; init; }

    public string Evidence { get; init; } = "";

    public static IReadOnlyList<MintLogRow> ReadAll(string ledgerFile)
    {
        SqliteLibrary.EnsureLoaded();
        using var connection = new SqliteConnection($"Data Source={ledgerFile};Mode=ReadOnly;Pooling=False");
        return connection.Query<MintLogRow>(
            """
            SELECT id AS Id, minted_at AS MintedAt, requester_token AS RequesterToken,
                   requester_wallet AS RequesterWallet, requested_role AS RequestedRole,
                   session_duration_seconds AS SessionDurationSeconds, sts_session_name AS StsSessionName,
                   outcome AS Outcome, outcome_detail AS OutcomeDetail,
                   record_id AS RecordId, kind AS Kind, actor_omni AS ActorOmni, subject AS Subject,
                   request_id AS RequestId, request_hash AS RequestHash, access_key_id AS AccessKeyId,
                   expires_at AS ExpiresAt, evidence AS Evidence
            FROM mint_log ORDER BY id
            """).AsList();
    }
}
