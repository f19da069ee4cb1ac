using Broker.Ledger;

namespace Broker.Aws;

/// <summary>
/// AWS credentials that STS gave for an approved mint, on their way to the ledger. The row names their key id.
/// </summary>
internal sealed record AwsCredentialRelease(StsSession Session, StsCredentials Credentials, StsMode Mode) : IRelease
{
    private string PolicyText => Session.Policy is null ? "none" : "own_prefix";

    public LedgerEntry ToEntry()
    {
        var mint = Session.Mint;
        return new LedgerEntry
        {
            MintedAt = mint.IssuedAt.ToUnixTimeSeconds(),
            RequesterToken = mint.Caller.BearerHash,
            RequesterWallet = mint.Caller.WalletOrActor,
            RequestedRole = Session.Role.Arn.Text,
            SessionDurationSeconds = (int)mint.Lifetime.TotalSeconds,
            StsSessionName = Session.Name,
            Outcome = LedgerOutcome.Ok,
            RecordId = mint.RecordId.ToString(),
            Kind = LedgerKind.AwsCredentials,
            ActorOmni = mint.Caller.Actor.ToString(),
            Subject = mint.Subject,
            RequestId = mint.RequestId,
            RequestHash = mint.RequestHash,
            AccessKeyId = Credentials.AccessKeyId,
            ExpiresAt = Credentials.Expiration.ToUnixTimeSeconds(),
            Evidence = $$"""{"session_policy":"{{PolicyText}}","sts_mode":"{{ModeText(Mode)}}"}""",
        };
    }

    public static string ModeText(StsMode mode) => mode == StsMode.WebIdentity ? "web_identity" : "assume_role";
}
