using System.Collections.Frozen;
using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.Releases;

namespace Broker.Aws;

/// <summary>
/// AWS credentials that STS gave for an approved mint, on their way to the ledger. The row names their key id.
/// </summary>
internal sealed record AwsCredentialRelease(StsSession Session, StsCredentials Credentials, StsMode Mode) : IRelease
{
    public static readonly EntryKind Kind = new("aws_credentials") { SpendsBudget = true };

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
            Lifetime = mint.Lifetime,
            Session = EntrySession.Of(Session.Name),
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
        return mint.GrantId is { } grant ? evidence.With("grant_id", grant) : evidence;
    }

    // A mint without a grant makes none of its own: there are four.
    private static readonly FrozenDictionary<(bool HasPolicy, StsMode Mode), EntryEvidence> Evidences =
        (from hasPolicy in (bool[])[false, true]
         from mode in Enum.GetValues<StsMode>()
         select (hasPolicy, mode)).ToFrozenDictionary(key => key, key => EntryEvidence.Of(
            ("session_policy", key.hasPolicy ? "own_prefix" : "none"), ("sts_mode", ModeText(key.mode))));

    public static string ModeText(StsMode mode) => mode == StsMode.WebIdentity ? "web_identity" : "assume_role";
}
