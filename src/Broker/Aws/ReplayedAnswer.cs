using System.Text.Json;
using Broker.Foundation.Results;
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
        var expiresAt = DateTimeOffset.FromUnixTimeSeconds(answer.Expiration);
        return new LedgerEntry
        {
            RecordId = RecordId.New(Now),
            MintedAt = Now,
            Kind = AwsCredentialRelease.Kind,
            Outcome = LedgerOutcome.Replayed,
            RequestedRole = answer.RoleArn,
            Actor = Caller.OnRecord,
            Bearer = Caller.BearerHash,
            Lifetime = expiresAt > Now ? expiresAt - Now : TimeSpan.Zero,
            Session = EntrySession.Of(answer.AuditRecordId),
            Detail = $"the answer of {answer.AuditRecordId} was given again",
            RequestId = RequestId,
            AccessKeyId = answer.AccessKeyId,
            ExpiresAt = expiresAt,
        };
    }
}
