using Broker.Kms.Keys;
using Broker.Kms.Prpc;
using Broker.Kms.Prpc.Messages;
using Broker.Kms.Records;
using Broker.Ledger;
using Google.Protobuf;

namespace Broker.Kms.Onboarding;

/// <summary>
/// <c>Onboard.Finish</c> and <c>GET /finish</c>: ends onboarding after the answer is sent, once there are keys to go on
/// with. Before that it is refused and changes nothing.
/// </summary>
internal sealed class Finish(KeyDirectory folder) : IPrpcMethod
{
    public const string Answer = "OK";

    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => "Finish";

    public KmsAction? Action => null;

    private static readonly Refusal NoKeys = new(
        "KMS has no keys yet: bootstrap it or onboard it first", LedgerOutcome.BadRequest);

    /// <summary>Completes when an operator says that onboarding is over.</summary>
    public Task Asked => _asked.Task;

    public bool IsAsked => _asked.Task.IsCompleted;

    /// <summary>Null when onboarding may end now.</summary>
    public Refusal? Refusal() => folder.IsComplete ? null : NoKeys;

    public void Ask() => _asked.TrySetResult();

    public IMessage NewRequest() => new Nothing();

    public Task<PrpcReply> InvokeAsync(IMessage request, RpcCaller caller, CancellationToken stop)
    {
        if (Refusal() is { } early) return Task.FromResult(PrpcReply.Refused(early));
        Ask();
        return Task.FromResult(PrpcReply.Text(Answer));
    }
}
