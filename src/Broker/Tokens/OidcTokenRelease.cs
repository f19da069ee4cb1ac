using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.Releases;
using Broker.SigningKeys;

namespace Broker.Tokens;

/// <summary>An approved OIDC token on its way to the ledger, and the key that will sign it.</summary>
internal sealed record OidcTokenRelease(ApprovedMint Mint, JwsWriter Writer) : IRelease
{
    public const string RequestedRole = "oidc_jwt";

    public static readonly EntryKind Kind = new("oidc_token") { SpendsBudget = true };

    public LedgerEntry ToEntry() => new()
    {
        RecordId = Mint.RecordId,
        MintedAt = Mint.IssuedAt,
        Kind = Kind,
        Outcome = LedgerOutcome.Ok,
        RequestedRole = RequestedRole,
        Actor = Mint.Caller.OnRecord,
        Bearer = Mint.Caller.BearerHash,
        Lifetime = Mint.Lifetime,
        Session = EntrySession.Of(Writer.Key.KeyId),
        Detail = Mint.Role is { } role ? $"pinned to {role.Arn}" : null,
        Subject = Mint.Subject,
        RequestId = Mint.RequestId,
        SignedRequest = Mint.SignedRequest,
        ExpiresAt = Mint.ExpiresAt,
        Evidence = Evidence(),
    };

    private EntryEvidence Evidence()
    {
        var evidence = Mint.Audience == Audiences.Aws ? default : EntryEvidence.Of(("audience", Mint.Audience));
        evidence = Mint.Caller.On(evidence);
        if (Mint.GrantId is { } grant) evidence = evidence.With("grant_id", grant);
        return Mint.Reason is { } reason ? evidence.With("reason", reason) : evidence;
    }
}
