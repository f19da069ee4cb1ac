using Broker.Foundation.Results;
using Broker.Kms.Authorization;
using Broker.Kms.Configuration;
using Broker.Kms.Keys;
using Broker.Kms.Prpc;
using Broker.Kms.Prpc.Messages;
using Broker.Kms.Records;
using Broker.Kms.Tls;
using Google.Protobuf;

namespace Broker.Kms.Onboarding;

/// <summary>
/// <c>Onboard.Bootstrap</c>: makes the keys of a new KMS and answers their public halves with evidence over them.
/// </summary>
internal sealed class Bootstrap(KeyCeremony ceremony, KmsRecords records)
    : PrpcMethod<BootstrapRequest, BootstrapResponse>
{
    public override string Name => "Bootstrap";

    public override KmsAction Action => KmsAction.Bootstrap;

    protected override async Task<Result<BootstrapResponse>> HandleAsync(
        BootstrapRequest request, RpcCaller caller, CancellationToken stop)
    {
        if (DomainName.Fault(request.Domain) is { } fault)
        {
            var refusal = new Refusal(OnboardingRefusals.DomainInvalid, fault);
            return await records.RefuseAsync(Action, refusal, KmsSubject.Unknown, caller);
        }

        await ceremony.Turn.WaitAsync(stop);
        try
        {
            // Once keys are in the making, an operator's closed browser window does not stop them half way.
            var made = await ceremony.BootstrapAsync(request.Domain, caller.RequestId, CancellationToken.None);
            return made.IsRefused ? made.Refusal : Answer(made.Value.Published!);
        }
        finally
        {
            ceremony.Turn.Release();
        }
    }

    private static BootstrapResponse Answer(BootstrapInfo published) => new()
    {
        CaPubkey = ByteString.CopyFrom(Convert.FromHexString(published.CaPublicKey)),
        K256Pubkey = ByteString.CopyFrom(Convert.FromHexString(published.K256PublicKey)),
        Attestation = ByteString.CopyFrom(Convert.FromHexString(published.Attestation)),
    };
}
