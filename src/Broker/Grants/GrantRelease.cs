using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Ledger;

namespace Broker.Grants;

/// <summary>A grant on its way to the ledger; its audit proof is signed for what the ledger holds.</summary>
internal sealed record GrantRelease(
    RecordId RecordId, string GrantId, GrantTerms Terms, DateTimeOffset GrantedAt, VerifiedCaller Caller,
    string RequestId) : IRelease
{
    /// <summary>What refusals and entries of grants call the role.</summary>
    public const string RequestedRole = "grant";

    public static readonly EntryKind Kind = new("grant");

    /// <summary>The <c>sub</c> of the proof.</summary>
    public static string SubjectOf(string grantId) => $"agentkeys:grant:{grantId}";

    public LedgerEntry ToEntry() => new()
    {
        RecordId = RecordId,
        MintedAt = GrantedAt,
        Kind = Kind,
        Outcome = LedgerOutcome.Ok,
        RequestedRole = RequestedRole,
        Actor = Caller.OnRecord,
        Bearer = Caller.BearerHash,
        Lifetime = TimeSpan.FromSeconds(Math.Min((Terms.ExpiresAt - GrantedAt).TotalSeconds, int.MaxValue)),
        Session = EntrySession.Of(GrantId),
        Detail = $"granted for at most {Terms.MaxUses} uses",
        Subject = SubjectOf(GrantId),
        RequestId = RequestId,
        ExpiresAt = Terms.ExpiresAt,
        Evidence = EntryEvidence.Of(
            ("daemon_address", Terms.Daemon), ("grant_id", GrantId), ("scope_path", Terms.ScopePath),
            ("service", Terms.Service)),
    };

    /// <summary>The end of a grant.</summary>
    public static LedgerEntry RevocationOf(
        Grant grant, RecordId recordId, VerifiedCaller caller, string requestId, DateTimeOffset now) => new()
        {
            RecordId = recordId,
            MintedAt = now,
            Kind = Kind,
            Outcome = LedgerOutcome.Revoked,
            RequestedRole = RequestedRole,
            Actor = caller.OnRecord,
            Bearer = caller.BearerHash,
            Session = EntrySession.Of(grant.Id),
            Detail = $"revoked after {grant.UsedCount} of {grant.Terms.MaxUses} uses",
            Subject = SubjectOf(grant.Id),
            RequestId = requestId,
            Evidence = EntryEvidence.Of(
                ("daemon_address", grant.Terms.Daemon), ("grant_id", grant.Id), ("service", grant.Terms.Service)),
        };
}
