using Broker.Foundation.Results;
using Broker.Kms.Admin;
using Broker.Kms.Authorization;
using Broker.Kms.Prpc;
using Broker.Kms.Prpc.Messages;
using Broker.Kms.Records;
using Broker.Kms.Tls;

namespace Broker.Kms.Rpc;

/// <summary>
/// <c>ClearImageCache</c> on the main service: the operator's token comes in the request. A wrong one is on record, up
/// to a limit.
/// </summary>
internal sealed class ClearImageCache(AdminToken token, ImageCache cache, WrongTokenLimit limit, KmsRecords records)
    : PrpcMethod<ClearImageCacheRequest, Nothing>
{
    public override string Name => "ClearImageCache";

    protected override async Task<Result<Nothing>> HandleAsync(
        ClearImageCacheRequest request, RpcCaller caller, CancellationToken stop)
    {
        if (token.Matches(request.Token))
            return cache.Clear(request.ImageHash, request.ConfigHash) is { } refusal ? refusal : new Nothing();

        return limit.TryTake(caller.Address)
            ? await records.RefuseAsync(
                KmsAction.Admin, new Refusal(AdminRefusals.WrongToken, "Invalid token"), KmsSubject.Unknown,
                caller)
            : new Refusal(AdminRefusals.TooManyTokens, "too many wrong tokens; try again in a minute");
    }
}
