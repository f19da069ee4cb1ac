using System.Text;
using Broker.Ledger;

namespace Broker.Cli.Ledger;

/// <summary>Rows as lines: for people, as NDJSON, as CSV.</summary>
internal static class RowPrinter
{
    public const string Header =
        "    id  time (UTC)            outcome       kind             wallet                                      role";

    public const string CsvHeader =
        "id,minted_at,requester_token,requester_wallet,requested_role,session_duration_seconds,sts_session_name," +
        "outcome,outcome_detail,record_id,kind,actor_omni,subject,request_id,request_hash,access_key_id,expires_at," +
        "evidence,leaf_hash";

    public static string ToLine(LedgerRow row)
    {
        var entry = row.Columns;
        var time = Math.Abs(entry.MintedAt) < 200_000_000_000
            ? DateTimeOffset.FromUnixTimeSeconds(entry.MintedAt).ToString("yyyy-MM-dd HH:mm:ss")
            : entry.MintedAt.ToString();
        var detail = entry.OutcomeDetail is { } text ? $"  ({Printable(text)})" : "";
        return $"{row.Id,6}  {time,-20}  {Printable(entry.Outcome),-12}  {Printable(entry.Kind),-15}  " +
            $"{Printable(entry.RequesterWallet),-42}  {Printable(entry.RequestedRole)}{detail}";
    }

    /// <summary>
    /// The entry's canonical bytes: each line hashes to its leaf, so the export can be checked by itself.
    /// </summary>
    public static string ToJson(LedgerRow row) => Encoding.UTF8.GetString(row.ToCanonicalBytes());

    /// <summary>All columns in the order of the table (RFC 4180; a null is an empty field).</summary>
    public static string ToCsv(LedgerRow row)
    {
        var entry = row.Columns;
        object?[] fields =
        [
            row.Id, entry.MintedAt, entry.RequesterToken, entry.RequesterWallet, entry.RequestedRole,
            entry.SessionDurationSeconds, entry.StsSessionName, entry.Outcome, entry.OutcomeDetail, entry.RecordId,
            entry.Kind, entry.ActorOmni, entry.Subject, entry.RequestId, entry.RequestHash, entry.AccessKeyId,
            entry.ExpiresAt, entry.Evidence, row.LeafHash,
        ];
        return string.Join(',', fields.Select(Field));
    }

    private static string Field(object? value)
    {
        var text = value?.ToString() ?? "";
        if (text.AsSpan().IndexOfAny(",\"\r\n") < 0) return text;
        return $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    // A row may quote what a stranger sent; control characters would speak to the terminal.
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\ufffd' : c));
}
