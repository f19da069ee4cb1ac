using System.Text.Json;
using Broker.Identity;
using Broker.Ledger;

namespace Broker.Aws;

/// <summary>
/// An answer that goes out a second time. It is a release like the first: on record (outcome <c>replayed</c>, naming
/// the first record), and waited for by the anchor, before it leaves.
/// </summary>
/// <param name="Body">The answer as it was given before.</param>
internal sealed record ReplayedAnswer(byte[] Body, VerifiedCaller Caller, string RequestId, DateTimeOffset Now)
    : IRelease
{
    public LedgerEntry ToEntry()
    {
        var answer = JsonSerializer.Deserialize(Body, AwsJson.Default.MintAwsCredentialsAnswer)
            ?? throw new InvalidOperationException("internal error: a kept answer is empty");
        return new LedgerEntry
        {
            MintedAt = Now.ToUnixTimeSeconds(),
            RequesterToken = Caller.BearerHash,
            RequesterWallet = Caller.WalletOrActor,
            RequestedRole = answer.RoleArn,
            SessionDurationSeconds = (int)Math.Max(0, answer.Expiration - Now.ToUnixTimeSeconds()),
            StsSessionName = answer.AuditRecordId,
            Outcome = LedgerOutcome.Replayed,
            OutcomeDetail = $"the answer of {answer.AuditRecordId} was given again",
            RecordId = Ledger.RecordId.New(Now).ToString(),
            Kind = LedgerKind.AwsCredentials,
            ActorOmni = Caller.Actor.ToString(),
            RequestId = RequestId,
            AccessKeyId = answer.AccessKeyId,
            ExpiresAt = answer.Expiration,
        };
    }
}
