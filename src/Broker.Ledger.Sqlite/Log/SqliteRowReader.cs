using Broker.Ledger.Sqlite.Connections;

namespace Broker.Ledger.Sqlite.Log;

/// <summary>
/// Reads a row of <c>mint_log</c> from a statement that selects <see cref="SqliteLedgerSchema.EntryColumns"/>.
/// </summary>
internal static class SqliteRowReader
{
    public static LedgerRow Read(SqliteStatement row) => new(
        row.Integer(0),
        new LedgerColumns
        {
            MintedAt = row.Integer(1),
            RequesterToken = row.Text(2),
            RequesterWallet = row.Text(3),
            RequestedRole = row.Text(4),
            SessionDurationSeconds = (int)Math.Clamp(row.Integer(5), int.MinValue, int.MaxValue),
            StsSessionName = row.Text(6),
            Outcome = row.Text(7),
            OutcomeDetail = row.IsNull(8) ? null : row.Text(8),
            RecordId = row.Text(9),
            Kind = row.Text(10),
            ActorOmni = row.Text(11),
            Subject = row.Text(12),
            RequestId = row.Text(13),
            RequestHash = row.Text(14),
            AccessKeyId = row.Text(15),
            ExpiresAt = row.Integer(16),
            Evidence = row.Text(17),
        },
        row.Text(18));
}
