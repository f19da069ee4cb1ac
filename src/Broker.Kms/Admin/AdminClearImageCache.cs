using Broker.Foundation.Results;
using Broker.Kms.Prpc;
using Broker.Kms.Prpc.Messages;
using Broker.Kms.Tls;

namespace Broker.Kms.Admin;

/// <summary><c>ClearImageCache</c> on the admin listener, whose door has checked the token already.</summary>
internal sealed class AdminClearImageCache(ImageCache cache) : PrpcMethod<AdminClearImageCacheRequest, Nothing>
{
    public override string Name => "ClearImageCache";

    protected override Task<Result<Nothing>> HandleAsync(
        AdminClearImageCacheRequest request, RpcCaller caller, CancellationToken stop) =>
        Task.FromResult<Result<Nothing>>(
            cache.Clear(request.ImageHash, request.ConfigHash) is { } refusal ? refusal : new Nothing());
}
