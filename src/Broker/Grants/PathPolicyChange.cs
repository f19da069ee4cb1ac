using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Ledger;

namespace Broker.Grants;

/// <summary>The entry of a path that was suspended or resumed.</summary>
internal static class PathPolicyChange
{
    public const string RequestedRole = "path_policy";

    public static readonly EntryKind Kind = new("path_policy");

    public static LedgerEntry EntryOf(PathPolicy policy, RecordId recordId, VerifiedCaller caller, string requestId) =>
        new()
        {
            RecordId = recordId,
            MintedAt = policy.UpdatedAt,
            Kind = Kind,
            Outcome = policy.IsActive ? LedgerOutcome.Ok : LedgerOutcome.Revoked,
            RequestedRole = RequestedRole,
            Actor = caller.OnRecord,
            Bearer = caller.BearerHash,
            Session = EntrySession.Of(policy.Child.ToString()),
            Detail = policy.IsActive ? "resumed" : "suspended",
            RequestId = requestId,
            Evidence = EntryEvidence.Of(
                ("child_omni", policy.Child.ToString()), ("derivation_path", policy.DerivationPath)),
        };
}
