using System.Collections.Frozen;
using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.Releases;

namespace Broker.Aws;

/// <summary>
/// AWS credentials that STS gave, on their way to the ledger and to the caller of an approved mint. The row names their
/// key id.
/// </summary>
/// <param name="Session">What the caller was approved for.</param>
/// <param name="Fetched">
/// What STS gave: for this session, or earlier for another of the same actor, role and lifetime.
/// </param>
internal sealed record AwsCredentialRelease(StsSession Session, FetchedCredentials Fetched, StsMode Mode) : IRelease
{
    public static readonly EntryKind Kind = new("aws_credentials") { SpendsBudget = true };

    /// <summary>For the answer to the caller, once the ledger holds the release.</summary>
    public StsCredentials Credentials => Fetched.Credentials;

    private bool IsShared => !ReferenceEquals(Fetched.Session, Session);

    public LedgerEntry ToEntry()
    {
        var mint = Session.Mint;
        return new LedgerEntry
        {
            RecordId = mint.RecordId,
            MintedAt = mint.IssuedAt,
            Kind = Kind,
            Outcome = LedgerOutcome.Ok,
            RequestedRole = Session.Role.Arn.Text,
            Actor = mint.Caller.OnRecord,
            Bearer = mint.Caller.BearerHash,
            Lifetime = IsShared ? Credentials.Expiration - mint.IssuedAt : mint.Lifetime,
            Session = EntrySession.Of(Fetched.Session.Name),
            Subject = mint.Subject,
            RequestId = mint.RequestId,
            SignedRequest = mint.SignedRequest,
            AccessKeyId = Credentials.AccessKeyId,
            ExpiresAt = Credentials.Expiration,
            Evidence = EvidenceOf(mint),
        };
    }

    private EntryEvidence EvidenceOf(ApprovedMint mint)
    {
        var evidence = Evidences[(Session.Policy is not null, Mode)];
        evidence = mint.Caller.On(evidence);
        if (mint.GrantId is { } grant) evidence = evidence.With("grant_id", grant);
        if (mint.Reason is { } reason) evidence = evidence.With("reason", reason);
        if (Fetched.Hop is { } hop) evidence = evidence.With("hop", hop.ToString());
        return IsShared ? evidence.With("fetched_for", Fetched.Session.Mint.RecordId.ToString()) : evidence;
    }

    // Most mints make none of their own: there are four.
    private static readonly FrozenDictionary<(bool HasPolicy, StsMode Mode), EntryEvidence> Evidences =
        (from hasPolicy in (bool[])[false, true]
         from mode in Enum.GetValues<StsMode>()
         select (hasPolicy, mode)).ToFrozenDictionary(key => key, key => EntryEvidence.Of(
            ("session_policy", key.hasPolicy ? "own_prefix" : "none"), ("sts_mode", ModeText(key.mode))));

    public static string ModeText(StsMode mode) => mode == StsMode.WebIdentity ? "web_identity" : "assume_role";
}
