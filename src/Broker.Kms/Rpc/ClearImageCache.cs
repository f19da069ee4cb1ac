using Broker.Kms.Admin;
using Broker.Kms.Prpc;
using Broker.Kms.Prpc.Messages;
using Broker.Ledger;

namespace Broker.Kms.Rpc;

/// <summary><c>ClearImageCache</c> on the main service: the operator's token comes in the request.</summary>
internal sealed class ClearImageCache(AdminToken token, ImageCache cache) : PrpcMethod<ClearImageCacheRequest, Nothing>
{
    public override string Name => "ClearImageCache";

    protected override Task<Verdict<Nothing>> HandleAsync(
        ClearImageCacheRequest request, RpcCaller caller, CancellationToken stop)
    {
        if (!token.Matches(request.Token)) return Answer(new Refusal("Invalid token", LedgerOutcome.AuthFailed));
        return cache.Clear(request.ImageHash, request.ConfigHash) is { } refusal
            ? Answer(refusal)
            : Answer(new Nothing());
    }

    private static Task<Verdict<Nothing>> Answer(Verdict<Nothing> verdict) => Task.FromResult(verdict);
}
