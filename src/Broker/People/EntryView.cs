using Broker.Ledger;

namespace Broker.People;

/// <summary>An entry of the ledger that concerns the person.</summary>
public sealed record EntryView(
    string RecordId, long Index, string Kind, string Role, string Outcome, string? Detail, DateTimeOffset At)
{
    /// <summary>What it is about, in words: the ledger's own, but for those that nobody would guess.</summary>
    public string Words => Kind switch
    {
        "oidc_token" => "OIDC token",
        "aws_credentials" => "AWS credentials",
        "session_token" => "Session",
        _ => $"{char.ToUpperInvariant(Kind[0])}{Kind[1..].Replace('_', ' ')}",
    };

    public static EntryView Of(LedgerRow row)
    {
        var entry = row.Columns;
        return new EntryView(
            entry.RecordId, row.Index, entry.Kind, entry.RequestedRole, entry.Outcome, entry.OutcomeDetail,
            DateTimeOffset.FromUnixTimeSeconds(entry.MintedAt));
    }
}
