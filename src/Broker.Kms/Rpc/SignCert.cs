using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Foundation.Results;
using Broker.Kms.Authorization;
using Broker.Kms.Certificates;
using Broker.Kms.Prpc;
using Broker.Kms.Prpc.Messages;
using Broker.Kms.Records;
using Broker.Kms.Tls;

namespace Broker.Kms.Rpc;

/// <summary>
/// <c>SignCert</c>: a certificate under the app's own CA, for a key whose request carries evidence bound to that key.
/// The client certificate plays no part. The answer leaves after the ledger holds the release on disk.
/// </summary>
internal sealed class SignCert(
    KmsIdentity identity,
    SelfAuthorization self,
    CallerAuthorization callers,
    AttestationVerifier verifier,
    KmsRecords records,
    TimeProvider time)
    : PrpcMethod<SignCertRequest, SignCertResponse>
{
    public override string Name => "SignCert";

    public override KmsAction Action => KmsAction.SignCert;

    public override int MaxRequestBytes => PrpcEndpoint.AttestationBodyBytes;

    protected override async Task<Result<SignCertResponse>> HandleAsync(
        SignCertRequest request, RpcCaller caller, CancellationToken stop)
    {
        Task<Refusal> RefuseAsync(Refusal refusal, KmsSubject who) =>
            records.RefuseAsync(Action, refusal, who, caller);

        // 1. May this KMS release anything at all?
        if (await self.RefusalAsync(stop) is { } ourselves) return await RefuseAsync(ourselves, KmsSubject.Unknown);

        // 2. Read: a request signed by the key that it wants certified.
        var read = SignedCsr.Read(request.ApiVersion, request.Csr.Memory, request.Signature.Span);
        if (read.IsRefused) return await RefuseAsync(read.Refusal, KmsSubject.Unknown);

        // 3. Who asks? The machine whose evidence is bound to that key.
        var csr = read.Value.Csr;
        var evidence = await verifier.VerifyAsync(
            csr.Attestation, ReportDataBinding.ForCertificate(csr.PublicKey.Span), time.GetUtcNow(), stop);
        if (evidence is RefusedAttestation refused)
        {
            var text = $"Quote verification failed: {refused.Refusal}";
            return await RefuseAsync(new Refusal(ConnectionRefusals.EvidenceRefused, text), KmsSubject.Unknown);
        }

        // 4. May it? At boot-time measurements: a running app has added events of its own since.
        var verified = (VerifiedAttestation)evidence;
        var verdict = await callers.ApproveAsync(
            BootRole.App, verified, request.VmConfig, MeasurementView.BootTime, stop);
        if (verdict.IsRefused) return await RefuseAsync(verdict.Refusal, verdict.Subject);

        // 5. On record first; only then does the app's CA sign.
        var wanted = AppCertificate.Plan(csr, verdict.Caller, time.GetUtcNow());
        if (wanted.IsRefused) return await RefuseAsync(wanted.Refusal, verdict.Subject);
        var recorded = await records.RecordAsync(
            Action, wanted.Value, verdict.Subject, caller.RequestId,
            expiresAt: wanted.Value.Leaf.NotAfter);
        return AppCertificate.Sign(recorded, identity, time.GetUtcNow());
    }
}
