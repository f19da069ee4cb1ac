using Broker.Foundation.Results;
using Broker.Kms.Authorization;
using Broker.Kms.Configuration;
using Broker.Kms.Keys;
using Broker.Kms.Prpc;
using Broker.Kms.Prpc.Messages;
using Broker.Kms.Records;
using Broker.Kms.Tls;

namespace Broker.Kms.Onboarding;

/// <summary><c>Onboard.Onboard</c>: takes the keys of another KMS, which attests itself to us as we do to it.</summary>
internal sealed class Onboard(KeyCeremony ceremony, KeyDirectory folder, SourceKms source, KmsRecords records)
    : PrpcMethod<OnboardRequest, Nothing>
{
    public override string Name => "Onboard";

    public override KmsAction Action => KmsAction.Onboard;

    protected override async Task<Result<Nothing>> HandleAsync(
        OnboardRequest request, RpcCaller caller, CancellationToken stop)
    {
        if (DomainName.Fault(request.Domain) is { } fault)
            return await RefuseAsync(new Refusal(OnboardingRefusals.DomainInvalid, fault), caller, KmsSubject.Unknown);

        await ceremony.Turn.WaitAsync(stop);
        try
        {
            // Once keys are on their way, an operator's closed browser window does not stop them half way.
            return await OnboardAsync(request, caller, CancellationToken.None);
        }
        finally
        {
            ceremony.Turn.Release();
        }
    }

    private async Task<Result<Nothing>> OnboardAsync(OnboardRequest request, RpcCaller caller, CancellationToken stop)
    {
        var ourselves = await ceremony.SubjectAsync(stop);
        if (folder.HasRootKey)
        {
            var again = new Refusal(OnboardingRefusals.KeysExist, "KMS has already been onboarded");
            return await RefuseAsync(again, caller, ourselves);
        }

        var received = await source.FetchAsync(request.SourceUrl, request.Domain, stop);
        if (received.IsRefused)
            return await RefuseAsync(received.Refusal.Within("Failed to onboard"), caller, ourselves);

        var stored = await ceremony.StoreAsync(received.Value, Action, caller.RequestId, stop);
        return stored.IsRefused ? stored.Refusal : new Nothing();
    }

    private Task<Result<Nothing>> RefuseAsync(Refusal refusal, RpcCaller caller, KmsSubject ourselves) =>
        Recorded(records.RefuseAsync(Action, refusal, ourselves, caller));

    private static async Task<Result<Nothing>> Recorded(Task<Refusal> refusal) => await refusal;
}
