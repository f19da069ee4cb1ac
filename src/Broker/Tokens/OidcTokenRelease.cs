using Broker.Ledger;
using Broker.Releases;
using Broker.SigningKeys;

namespace Broker.Tokens;

/// <summary>An approved OIDC token on its way to the ledger, and the key that will sign it.</summary>
internal sealed record OidcTokenRelease(ApprovedMint Mint, JwsWriter Writer) : IRelease
{
    public const string RequestedRole = "oidc_jwt";

    public LedgerEntry ToEntry() => new()
    {
        MintedAt = Mint.IssuedAt.ToUnixTimeSeconds(),
        RequesterToken = Mint.Caller.BearerHash,
        RequesterWallet = Mint.Caller.WalletOrActor,
        RequestedRole = RequestedRole,
        SessionDurationSeconds = (int)Mint.Lifetime.TotalSeconds,
        StsSessionName = Writer.Key.KeyId,
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
