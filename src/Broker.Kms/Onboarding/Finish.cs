using Broker.Foundation.Results;
using Broker.Kms.Keys;
using Broker.Kms.Prpc;
using Broker.Kms.Prpc.Messages;
using Broker.Kms.Records;
using Broker.Kms.Tls;
using Google.Protobuf;

namespace Broker.Kms.Onboarding;

/// <summary>
/// <c>Onboard.Finish</c> and <c>GET /finish</c>: ends onboarding after the answer is sent, once there are keys to go on
/// with. Before that it is refused and changes nothing.
/// </summary>
internal sealed class Finish(KeyDirectory folder) : IPrpcMethod
{
    public const string Answer = "OK";

    private static readonly Refusal NoKeys = new(
        OnboardingRefusals.KeysMissing, "KMS has no keys yet: bootstrap it or onboard it first");

    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isClosing;

    public string Name => "Finish";

    public KmsAction? Action => null;

    /// <summary>Completes when an operator says that onboarding is over.</summary>
    public Task Asked => _asked.Task;

    /// <summary>Whether the end was asked for; nothing but the answer to that is still served.</summary>
    public bool IsClosing => _isClosing;

    /// <summary>Null when onboarding may end now.</summary>
    public Refusal? Refusal() => folder.IsComplete ? null : NoKeys;

    /// <summary>Closes the door; <see cref="Ask"/> follows once the answer is out.</summary>
    public void Close() => _isClosing = true;

    public void Ask()
    {
        Close();
        _asked.TrySetResult();
    }

    public IMessage NewRequest() => new Nothing();

    public Task<PrpcReply> InvokeAsync(IMessage request, RpcCaller caller, CancellationToken stop)
    {
        if (Refusal() is { } early) return Task.FromResult(PrpcReply.Refused(early));
        Ask();
        return Task.FromResult(PrpcReply.Text(Answer));
    }
}
