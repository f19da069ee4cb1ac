using System.Text.Json;
using Broker.Ledger;
using Broker.Sessions;

namespace Broker.Aws.Idempotency;

/// <summary>
/// The ledger's row for an answer that goes out a second time: outcome <c>replayed</c>, naming the first record.
/// </summary>
internal static class ReplayRecord
{
    public static LedgerEntry Of(byte[] earlier, VerifiedCaller caller, string requestId, TimeProvider time)
    {
        var answer = JsonSerializer.Deserialize(earlier, AwsJson.Default.MintAwsCredentialsAnswer)
            ?? throw new InvalidOperationException("internal error: a kept answer is empty");
        var now = time.GetUtcNow();
        return new LedgerEntry
        {
            MintedAt = now.ToUnixTimeSeconds(),
            RequesterToken = caller.BearerHash,
            RequesterWallet = caller.WalletOrActor,
            RequestedRole = answer.RoleArn,
            SessionDurationSeconds = (int)Math.Max(0, answer.Expiration - now.ToUnixTimeSeconds()),
            StsSessionName = answer.AuditRecordId,
            Outcome = LedgerOutcome.Replayed,
            OutcomeDetail = $"the answer of {answer.AuditRecordId} was given again",
            RecordId = RecordId.New(now).ToString(),
            Kind = LedgerKind.AwsCredentials,
            ActorOmni = caller.Actor.ToString(),
            RequestId = requestId,
            AccessKeyId = answer.AccessKeyId,
            ExpiresAt = answer.Expiration,
        };
    }
}
