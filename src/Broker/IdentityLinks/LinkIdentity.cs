using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Refusals;

namespace Broker.IdentityLinks;

/// <summary>
/// Links identities to an actor and unlinks them. A link says whose identity it is: for recovery, and which master's
/// grants bind a wallet. It gives the identity nothing: a session that it signs in to stays the identity's own
/// (contract §7.1, "AWS prefixes use the session's own omni"; §2.15, "mail takeover alone gives nothing"). The identity
/// that makes the actor what it is is not a link, so an actor always keeps its last identity.
/// </summary>
internal sealed class LinkIdentity(
    IIdentityLinkStore links, ChangeLimit limit, IdentityOptions identities, ReleaseLedger ledger, TimeProvider time)
{
    public const string RequestedRole = "identity_link";

    public static readonly EntryKind Kind = new("identity_link");

    /// <param name="isProven">Whether the identity was proven too.</param>
    /// <exception cref="LedgerUnavailableException">
    /// The ledger does not hold it; the link counts for nothing.
    /// </exception>
    public async ValueTask<Result<IdentityLink>> LinkAsync(
        VerifiedCaller caller, LinkableIdentity identity, bool isProven, Attempt attempt)
    {
        if (identity.OmniAt(identities.ClientId) == caller.Actor) return OwnIdentity("linked");
        if (limit.Take(caller) is { } tooOften) return tooOften;
        var now = time.GetUtcNow();
        var link = new IdentityLink(identity, caller.Actor, now, isProven);
        var outcome = links.Begin(link);
        if (outcome == LinkOutcome.Taken) return Taken();
        if (outcome == LinkOutcome.AlreadyLinked) return links.Find(identity) ?? link;

        var record = RecordId.New(now);
        await ledger.AppendAsync(
            EntryOf(link, record, LedgerOutcome.Ok, isProven ? "linked with proof of both" : "claimed by its master",
                caller, attempt),
            CancellationToken.None);
        return links.Complete(identity, caller.Actor, record) ? link : Taken();
    }

    /// <param name="isProven">Whether the identity was proven too; a link that was made with proof needs it.</param>
    /// <exception cref="LedgerUnavailableException">The ledger does not hold it; the link stays.</exception>
    public async ValueTask<Result<IdentityLink>> UnlinkAsync(
        VerifiedCaller caller, LinkableIdentity identity, bool isProven, Attempt attempt)
    {
        if (identity.OmniAt(identities.ClientId) == caller.Actor) return OwnIdentity("unlinked");
        if (links.Find(identity) is not { } link || link.Omni != caller.Actor)
            return new Refusal(LinkRefusals.NotLinked, "the identity is not linked to you");
        if (link.IsProven && !isProven)
        {
            return new Refusal(
                LinkRefusals.ProofNeeded, "the link was made with proof of both; it ends with proof of both");
        }

        if (limit.Take(caller) is { } tooOften) return tooOften;
        var record = RecordId.New(time.GetUtcNow());
        await ledger.AppendAsync(
            EntryOf(link, record, LedgerOutcome.Revoked, "unlinked", caller, attempt), CancellationToken.None);
        links.Remove(link);
        return link;
    }

    private static Refusal Taken() =>
        new(LinkRefusals.LinkedElsewhere, "the identity is linked to another master");

    private static Refusal OwnIdentity(string verb) => new(
        LinkRefusals.OwnIdentity, $"the identity that makes the actor what it is cannot be {verb}");

    private LedgerEntry EntryOf(
        IdentityLink link, RecordId record, LedgerOutcome outcome, string detail, VerifiedCaller caller,
        Attempt attempt) => new()
        {
            RecordId = record,
            MintedAt = time.GetUtcNow(),
            Kind = Kind,
            Outcome = outcome,
            RequestedRole = RequestedRole,
            Actor = caller.OnRecord,
            Bearer = caller.BearerHash,
            Session = EntrySession.Of(link.Identity.OmniAt(identities.ClientId).ToString()),
            Detail = detail,
            RequestId = attempt.RequestId,
            Evidence = EntryEvidence.Of(
                ("identity_omni", link.Identity.OmniAt(identities.ClientId).ToString()),
                ("identity_type", link.Identity.Type)),
        };
}
