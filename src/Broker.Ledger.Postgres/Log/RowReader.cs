using Broker.Ledger.Postgres.Schema;
using Npgsql;

namespace Broker.Ledger.Postgres.Log;

/// <summary>Reads a row of <c>mint_log</c> that was selected as <see cref="LedgerTables.EntryColumns"/>.</summary>
internal static class RowReader
{
    public const string Select = $"SELECT {LedgerTables.EntryColumns} FROM mint_log";

    public static LedgerRow Read(NpgsqlDataReader row) => new(
        row.GetInt64(0),
        new LedgerColumns
        {
            MintedAt = row.GetInt64(1),
            RequesterToken = Text(row, 2),
            RequesterWallet = Text(row, 3),
            RequestedRole = Text(row, 4),
            SessionDurationSeconds = row.GetInt32(5),
            StsSessionName = Text(row, 6),
            Outcome = Text(row, 7),
            OutcomeDetail = row.IsDBNull(8) ? null : Text(row, 8),
            RecordId = Text(row, 9),
            Kind = Text(row, 10),
            ActorOmni = Text(row, 11),
            Subject = Text(row, 12),
            RequestId = Text(row, 13),
            RequestHash = Text(row, 14),
            AccessKeyId = Text(row, 15),
            ExpiresAt = row.GetInt64(16),
            Evidence = Text(row, 17),
        },
        Text(row, 18));

    private static string Text(NpgsqlDataReader row, int column) => StoredText.Read(row.GetString(column));
}
