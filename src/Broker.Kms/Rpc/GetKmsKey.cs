using Broker.Attestation.EventLog;
using Broker.Foundation.Results;
using Broker.Kms.Authorization;
using Broker.Kms.Certificates;
using Broker.Kms.Prpc;
using Broker.Kms.Prpc.Messages;
using Broker.Kms.Records;
using Broker.Kms.Tls;

namespace Broker.Kms.Rpc;

/// <summary>
/// <c>GetKmsKey</c>: the root secrets, for another KMS that becomes a replica of this one. Never without verified
/// evidence, whatever the settings say. The answer leaves after the ledger holds the release on disk.
/// </summary>
internal sealed class GetKmsKey(
    KmsIdentity identity, SelfAuthorization self, CallerAuthorization callers, KmsRecords records)
    : PrpcMethod<GetKmsKeyRequest, KmsKeyResponse>
{
    public override string Name => "GetKmsKey";

    public override KmsAction Action => KmsAction.GetKmsKey;

    public override int MaxRequestBytes => PrpcEndpoint.VmConfigBodyBytes;

    protected override async Task<Result<KmsKeyResponse>> HandleAsync(
        GetKmsKeyRequest request, RpcCaller caller, CancellationToken stop)
    {
        Task<Refusal> RefuseAsync(Refusal refusal, KmsSubject who) =>
            records.RefuseAsync(Action, refusal, who, caller);

        // 1. May this KMS release anything at all?
        if (await self.RefusalAsync(stop) is { } ourselves) return await RefuseAsync(ourselves, KmsSubject.Unknown);

        // 2. Who asks? The machine whose evidence the connection carries.
        if (caller.Attestation is not { } evidence)
            return await RefuseAsync(RpcRefusals.WithoutEvidence, KmsSubject.Unknown);

        // 3. May it be a KMS?
        var verdict = await callers.ApproveAsync(BootRole.Kms, evidence, request.VmConfig, MeasurementView.Full, stop);
        if (verdict.IsRefused) return await RefuseAsync(verdict.Refusal, verdict.Subject);

        // 4. On record first; only then do the roots leave.
        var recorded = await records.RecordAsync(
            Action, verdict.Caller, verdict.Caller.Subject, caller.RequestId);
        return RootKeyAnswer.KmsKey(recorded, identity);
    }
}
