using Broker.Kms.Prpc;
using Broker.Kms.Prpc.Messages;
using Broker.Kms.Records;
using Google.Protobuf;

namespace Broker.Kms.Onboarding;

/// <summary><c>Onboard.Finish</c> and <c>GET /finish</c>: ends onboarding after the answer is sent.</summary>
internal sealed class Finish : IPrpcMethod
{
    public const string Answer = "OK";

    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => "Finish";

    public KmsAction? Action => null;

    /// <summary>Completes when an operator says that onboarding is over.</summary>
    public Task Asked => _asked.Task;

    public void Ask() => _asked.TrySetResult();

    public IMessage NewRequest() => new Nothing();

    public Task<PrpcReply> InvokeAsync(IMessage request, RpcCaller caller, CancellationToken stop)
    {
        Ask();
        return Task.FromResult(PrpcReply.Text(Answer));
    }
}
