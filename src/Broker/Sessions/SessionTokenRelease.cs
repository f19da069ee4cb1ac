using Broker.Ledger;

namespace Broker.Sessions;

/// <summary>A session token that was approved: who it is for and how long it lasts.</summary>
/// <param name="How">What proved the identity, for the ledger: <c>wallet_sig</c> or <c>legacy_bearer</c>.</param>
internal sealed record SessionTokenRelease(
    RecordId RecordId, SessionIdentity Identity, DateTimeOffset IssuedAt, TimeSpan Lifetime, string How,
    string SessionKeyId, string RequestId, string BearerHash) : IRelease
{
    public const string RequestedRole = "session_jwt";

    public DateTimeOffset ExpiresAt => IssuedAt + Lifetime;

    public string Subject => $"agentkeys:user:{Identity.Omni}";

    public LedgerEntry ToEntry() => new()
    {
        MintedAt = IssuedAt.ToUnixTimeSeconds(),
        RequesterToken = BearerHash,
        RequesterWallet = Identity.Wallet?.ToString() ?? Identity.Omni.ToString(),
        RequestedRole = RequestedRole,
        SessionDurationSeconds = (int)Lifetime.TotalSeconds,
        StsSessionName = SessionKeyId,
        Outcome = LedgerOutcome.Ok,
        OutcomeDetail = How,
        RecordId = RecordId.ToString(),
        Kind = LedgerKind.SessionToken,
        ActorOmni = Identity.Omni.ToString(),
        Subject = Subject,
        RequestId = RequestId,
        ExpiresAt = ExpiresAt.ToUnixTimeSeconds(),
    };
}
