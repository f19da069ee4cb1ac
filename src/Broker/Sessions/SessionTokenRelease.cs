using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.SigningKeys;

namespace Broker.Sessions;

/// <summary>A session token that was approved: who it is for and how long it lasts.</summary>
/// <param name="How">What proved the identity, for the ledger: a method of signing in such as <c>wallet_sig</c>,
/// <c>legacy_bearer</c> or <c>client_credentials</c>.</param>
/// <param name="Writer">Of the key that signs it, whichever signs later.</param>
internal sealed record SessionTokenRelease(
    RecordId RecordId, SessionIdentity Identity, DateTimeOffset IssuedAt, TimeSpan Lifetime, string How,
    JwsWriter Writer, string RequestId, Sha256Digest? Bearer) : IRelease
{
    public const string RequestedRole = "session_jwt";

    public static readonly EntryKind Kind = new("session_token");

    public DateTimeOffset ExpiresAt => IssuedAt + Lifetime;

    public string Subject => SubjectOf(Identity);

    /// <summary>The <c>sub</c> of a session's token (contract §3.3).</summary>
    public static string SubjectOf(SessionIdentity identity) => $"agentkeys:user:{identity.Omni}";

    public LedgerEntry ToEntry() => new()
    {
        RecordId = RecordId,
        MintedAt = IssuedAt,
        Kind = Kind,
        Outcome = LedgerOutcome.Ok,
        RequestedRole = RequestedRole,
        Actor = Identity.OnRecord,
        Bearer = Bearer,
        Lifetime = Lifetime,
        Session = EntrySession.Of(Writer.Key.KeyId),
        Detail = How,
        Subject = Subject,
        RequestId = RequestId,
        ExpiresAt = ExpiresAt,
        Evidence = Evidence(),
    };

    private EntryEvidence Evidence()
    {
        var evidence = Identity.Agent is { } agent
            ? EntryEvidence.Of(
                ("derivation_path", agent.DerivationPath), ("device_pubkey", agent.Device.ToString()),
                ("parent_omni", agent.Parent.ToString()))
            : default;
        if (Identity.Workload is { } workload) evidence = workload.On(evidence);
        if (Identity.Derivation is { } derived)
        {
            evidence = evidence.With("source", string.Join(' ', derived.Sources));
            if (derived.Role is { } role) evidence = evidence.With("role", role);
            if (derived.Acting is { } acting) evidence = evidence.With("acting_omni", acting.Omni.ToString());
        }

        if (Identity.Key is { } key) evidence = evidence.With("key_thumbprint", key);
        if (Identity.Terms is not { } terms) return evidence;
        evidence = evidence.With("client_id", terms.ClientId);
        return terms.Resource is { } resource ? evidence.With("resource", resource) : evidence;
    }
}
