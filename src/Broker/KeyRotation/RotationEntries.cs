using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.SigningKeys;

namespace Broker.KeyRotation;

/// <summary>What happens to keys, on record before it happens.</summary>
internal static class RotationEntries
{
    /// <summary>What refusals and entries call the role.</summary>
    public const string RequestedRole = "signing_key";

    /// <summary>The next key is published, and says from when on it signs.</summary>
    public static readonly EntryKind Announcement = new("key_announcement");

    /// <summary>A key signs at once, and the one before it is taken out of use.</summary>
    public static readonly EntryKind Emergency = new("key_emergency");

    /// <summary>A key that does not sign is taken out of use before its time.</summary>
    public static readonly EntryKind Retirement = new("key_retirement");

    /// <param name="key">What happens to it.</param>
    /// <param name="cause">Who wanted it, and why.</param>
    public static LedgerEntry Of(EntryKind kind, KeyVersion key, string cause, string requestId, DateTimeOffset now) =>
        new()
        {
            RecordId = RecordId.New(now),
            MintedAt = now,
            Kind = kind,
            Outcome = kind == Retirement ? LedgerOutcome.Revoked : LedgerOutcome.Ok,
            RequestedRole = RequestedRole,
            Session = EntrySession.Of($"{key.Purpose}-v{key.Version}"),
            Detail = cause,
            Subject = key.KeyId,
            RequestId = requestId,
            Evidence = EntryEvidence.Of(json =>
            {
                json.WriteString("key_id"u8, key.KeyId);
                json.WriteString("purpose"u8, key.Purpose);
                json.WriteNumber("signs_at"u8, key.SignsAt.ToUnixTimeSeconds());
                if (key.Succession is { } note) json.WriteString("succession"u8, note);
                json.WriteNumber("version"u8, key.Version);
            }),
        };
}
