using Broker.Ledger;

namespace Broker.Sessions;

/// <summary>A session token that was approved: who it is for and how long it lasts.</summary>
/// <param name="How">What proved the identity, for the ledger: <c>wallet_sig</c>, <c>legacy_bearer</c> or
/// <c>client_credentials</c>.</param>
internal sealed record SessionTokenRelease(
    RecordId RecordId, SessionIdentity Identity, DateTimeOffset IssuedAt, TimeSpan Lifetime, string How,
    string SessionKeyId, string RequestId, string BearerHash) : IRelease
{
    public const string RequestedRole = "session_jwt";

    public DateTimeOffset ExpiresAt => IssuedAt + Lifetime;

    public string Subject => SubjectOf(Identity);

    /// <summary>The <c>sub</c> of a session's token (contract §3.3).</summary>
    public static string SubjectOf(SessionIdentity identity) => $"agentkeys:user:{identity.Omni}";

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
