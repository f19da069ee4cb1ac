using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Ledger;

namespace Broker.SignIn.Passkey;

/// <summary>A passkey was registered or removed, as the ledger has it.</summary>
internal static class PasskeyChange
{
    public const string Role = "passkey";

    public static readonly EntryKind Kind = new("passkey");

    /// <param name="bearer">Of the session that asked for it; null where a passkey began an actor of its own.</param>
    public static LedgerEntry Registered(Passkey passkey, Sha256Digest? bearer, string requestId) =>
        Entry(passkey, bearer, requestId, passkey.CreatedAt, "registered");

    public static LedgerEntry Removed(Passkey passkey, Sha256Digest? bearer, string requestId, DateTimeOffset at) =>
        Entry(passkey, bearer, requestId, at, "removed");

    private static LedgerEntry Entry(
        Passkey passkey, Sha256Digest? bearer, string requestId, DateTimeOffset at, string what) => new()
        {
            RecordId = RecordId.New(at),
            MintedAt = at,
            Kind = Kind,
            Outcome = what == "removed" ? LedgerOutcome.Revoked : LedgerOutcome.Ok,
            RequestedRole = Role,
            Actor = EntryActor.Of(passkey.Omni, passkey.Wallet),
            Bearer = bearer,
            Detail = what,
            Subject = $"agentkeys:user:{passkey.Omni}",
            RequestId = requestId,
            Evidence = EntryEvidence.Of(
                ("credential", Sha256Digest.Of(passkey.CredentialId).ToString()),
                ("public_key", Sha256Digest.Of(passkey.PublicKey).ToString())),
        };
}
