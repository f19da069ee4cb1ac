using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Ledger;

namespace Broker.OAuth.Delegations;

/// <summary>A person let a client act, or did not, or it was ended: as the ledger has it.</summary>
internal static class DelegationChange
{
    public const string RequestedRole = "oauth_delegation";

    public static readonly EntryKind Kind = new("oauth_delegation");

    /// <param name="bearer">Of the person's own session.</param>
    public static LedgerEntry Granted(
        Delegation delegation, Sha256Digest? bearer, string requestId, DateTimeOffset at) =>
        Entry(delegation, LedgerOutcome.Ok, "granted", bearer, requestId, at);

    public static LedgerEntry Denied(
        Delegation delegation, Sha256Digest? bearer, string requestId, DateTimeOffset at) =>
        Entry(delegation, LedgerOutcome.Denied, "denied by the person", bearer, requestId, at);

    /// <param name="why">Why it was ended, and by whom.</param>
    public static LedgerEntry Ended(Delegation delegation, string why, string requestId, DateTimeOffset at) =>
        Entry(delegation, LedgerOutcome.Revoked, why, null, requestId, at);

    private static LedgerEntry Entry(
        Delegation delegation, LedgerOutcome outcome, string detail, Sha256Digest? bearer, string requestId,
        DateTimeOffset at)
    {
        var terms = delegation.Terms;
        var evidence = EntryEvidence.Of(
            ("client_id", terms.ClientId), ("delegation", delegation.Id), ("how", delegation.How),
            ("scope", terms.Scope));
        return new LedgerEntry
        {
            RecordId = RecordId.New(at),
            MintedAt = at,
            Kind = Kind,
            Outcome = outcome,
            RequestedRole = RequestedRole,
            Actor = delegation.Person.OnRecord,
            Bearer = bearer,
            Detail = detail,
            Subject = Sessions.SessionTokenRelease.SubjectOf(delegation.Person),
            RequestId = requestId,
            Evidence = terms.Resource is { } resource ? evidence.With("resource", resource) : evidence,
        };
    }
}
