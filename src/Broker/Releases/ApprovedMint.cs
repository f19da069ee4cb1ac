using Broker.Cryptography;
using Broker.Identity;
using Broker.Ledger;
using Broker.Roles;

namespace Broker.Releases;

/// <summary>
/// A mint that policy approved: what, for whom, how long, under which ledger id. Only <see cref="ReleasePolicy"/> makes
/// one. It is not a credential and cannot become one before the ledger holds it.
/// </summary>
internal sealed record ApprovedMint
{
    internal ApprovedMint(MintRequest request, DateTimeOffset issuedAt)
    {
        Caller = request.Caller;
        Role = request.Role;
        Audience = request.Audience;
        Lifetime = request.Lifetime;
        IssuedAt = issuedAt;
        RequestId = request.RequestId;
        SignedRequest = request.Signed?.Hash;
        GrantId = request.GrantId;
        Reason = request.Wanted.Reason;
        RecordId = RecordId.New(issuedAt);
    }

    /// <summary>AWS STS.</summary>
    public const string UsualAudience = "sts.amazonaws.com";

    public RecordId RecordId { get; private init; }

    public VerifiedCaller Caller { get; }

    /// <summary>Always set for AWS credentials; for a token only when the caller pins it to one role.</summary>
    public CatalogueRole? Role { get; private init; }

    /// <summary>For whom the credential is.</summary>
    public string Audience { get; }

    public TimeSpan Lifetime { get; private init; }

    public DateTimeOffset IssuedAt { get; }

    public DateTimeOffset ExpiresAt => IssuedAt + Lifetime;

    public string RequestId { get; }

    /// <summary>The token's <c>sub</c> (contract §3.2).</summary>
    public string Subject => $"agentkeys:agent:{Caller.WalletOrActor}";

    /// <summary>Of the canonical signed request; null where the caller did not sign it.</summary>
    public Sha256Digest? SignedRequest { get; }

    /// <summary>The grant that it consumed a use of; null where it rests on none.</summary>
    public string? GrantId { get; }

    /// <summary>What the caller wants it for, in its own words; null where it did not say.</summary>
    public string? Reason { get; }

    /// <summary>
    /// The role that must be assumed first: what is approved includes the way there. As short as STS gives, and under a
    /// ledger id of its own. Null where the role trusts the issuer itself.
    /// </summary>
    public ApprovedMint? Hop => Role?.Via is { } via
        ? this with { Role = via, Lifetime = TimeSpan.FromMinutes(15), RecordId = RecordId.New(IssuedAt) }
        : null;

    /// <summary>The session tags: the actor always, the wallet where there is one (decisions C6 and C20).</summary>
    public IReadOnlyList<(string Key, string Value)> Tags => field ??= Caller.Wallet is null
        ? [(SessionTags.Actor, Caller.Actor.ToString())]
        : [(SessionTags.Wallet, Caller.WalletOrActor), (SessionTags.Actor, Caller.Actor.ToString())];
}

/// <summary>Names of the session tags that bucket policies rest on.</summary>
internal static class SessionTags
{
    public const string Wallet = "agentkeys_user_wallet";
    public const string Actor = "agentkeys_actor_omni";
}
