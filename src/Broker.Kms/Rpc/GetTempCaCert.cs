using Broker.Foundation.Results;
using Broker.Kms.Authorization;
using Broker.Kms.Certificates;
using Broker.Kms.Configuration;
using Broker.Kms.Machine;
using Broker.Kms.Prpc;
using Broker.Kms.Prpc.Messages;
using Broker.Kms.Records;
using Broker.Kms.Tls;

namespace Broker.Kms.Rpc;

/// <summary>
/// <c>GetTempCaCert</c>: the temp CA with its private key, for anybody. That is by design: a certificate under it
/// proves nothing but lets evidence be presented. It is refused while the KMS itself is out of policy, and it is
/// recorded.
/// </summary>
internal sealed class GetTempCaCert(
    KmsOptions options, KmsIdentity identity, SelfIdentity machine, SelfAuthorization self, KmsRecords records)
    : PrpcMethod<Nothing, GetTempCaCertResponse>
{
    public override string Name => "GetTempCaCert";

    public override KmsAction Action => KmsAction.GetTempCaCert;

    protected override async Task<Result<GetTempCaCertResponse>> HandleAsync(
        Nothing request, RpcCaller caller, CancellationToken stop)
    {
        Task<Refusal> RefuseAsync(Refusal refusal) =>
            records.RefuseAsync(Action, refusal, KmsSubject.Unknown, caller);

        // 1. May this KMS release anything at all, and does its own kind of machine get keys here?
        if (await self.RefusalAsync(stop) is { } ourselves) return await RefuseAsync(ourselves);
        if (options.EnforceSelfAuthorization
            && await machine.ReadAsync(stop) is { IsRefused: false } own
            && ReleaseGates.Check(options, own.Value) is { } closed)
        {
            return await RefuseAsync(closed);
        }

        // 2. Anybody may ask, and each answer is an entry for ever: so within the budget of those who prove nothing.
        if (records.TakeAnonymous(Action, caller) is { } tooMany) return tooMany;

        // 3. On record first.
        var recorded = await records.RecordAsync(
            Action, identity, KmsSubject.Unknown, caller.RequestId);
        return RootKeyAnswer.TempCa(recorded);
    }
}
