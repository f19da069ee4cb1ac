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
/// <c>GetAppKey</c>: an app's keys, for a virtual machine whose measured identity is that app's, and for nobody else.
/// The answer leaves after the ledger holds the release on disk.
/// </summary>
internal sealed class GetAppKey(
    KmsIdentity identity, SelfAuthorization self, CallerAuthorization callers, KmsRecords records)
    : PrpcMethod<GetAppKeyRequest, AppKeyResponse>
{
    private const uint NewestVersion = 1;

    public override string Name => "GetAppKey";

    public override KmsAction Action => KmsAction.GetAppKey;

    public override int MaxRequestBytes => PrpcEndpoint.VmConfigBodyBytes;

    protected override async Task<Result<AppKeyResponse>> HandleAsync(
        GetAppKeyRequest request, RpcCaller caller, CancellationToken stop)
    {
        Task<Refusal> RefuseAsync(Refusal refusal, KmsSubject who) =>
            records.RefuseAsync(Action, refusal, who, caller);

        // 1. Read: a version that we know.
        if (request.ApiVersion > NewestVersion)
            return await RefuseAsync(RpcRefusals.UnsupportedVersion(request.ApiVersion), KmsSubject.Unknown);

        // 2. May this KMS release anything at all? Asked first, so that a KMS out of policy says so to everybody.
        if (await self.RefusalAsync(stop) is { } ourselves) return await RefuseAsync(ourselves, KmsSubject.Unknown);

        // 3. Who asks? The machine whose evidence the connection carries.
        if (caller.Attestation is not { } evidence)
            return await RefuseAsync(RpcRefusals.WithoutEvidence.Within("App not allowed"), KmsSubject.Unknown);

        // 4. May it? Everything that was measured goes to the authority.
        var verdict = await callers.ApproveAsync(BootRole.App, evidence, request.VmConfig, MeasurementView.Full, stop);
        if (verdict.IsRefused) return await RefuseAsync(verdict.Refusal.Within("App not allowed"), verdict.Subject);

        // 5. On record first; only then are there keys.
        var recorded = await records.RecordAsync(
            Action, verdict.Caller, verdict.Caller.Subject, caller.RequestId);
        return AppKeyAnswer.From(recorded, identity);
    }
}
