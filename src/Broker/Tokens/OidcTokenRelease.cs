using Broker.Ledger;
using Broker.Releases;

namespace Broker.Tokens;

/// <summary>An approved OIDC token on its way to the ledger.</summary>
internal sealed record OidcTokenRelease(ApprovedMint Mint, string KeyId) : IRelease
{
    public const string RequestedRole = "oidc_jwt";

    public LedgerEntry ToEntry() => new()
    {
        MintedAt = Mint.IssuedAt.ToUnixTimeSeconds(),
        RequesterToken = Mint.Caller.BearerHash,
        RequesterWallet = Mint.Caller.WalletOrActor,
        RequestedRole = RequestedRole,
        SessionDurationSeconds = (int)Mint.Lifetime.TotalSeconds,
        StsSessionName = KeyId,
        Outcome = LedgerOutcome.Ok,
        OutcomeDetail = Mint.Role is { } role ? $"pinned to {role.Arn}" : null,
        RecordId = Mint.RecordId.ToString(),
        Kind = LedgerKind.OidcToken,
        ActorOmni = Mint.Caller.Actor.ToString(),
        Subject = Mint.Subject,
        RequestId = Mint.RequestId,
        RequestHash = Mint.RequestHash,
        ExpiresAt = Mint.ExpiresAt.ToUnixTimeSeconds(),
    };
}
