using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Foundation.Results;
using Broker.Kms.Authorization;
using Broker.Kms.Configuration;
using Broker.Kms.Machine;
using Broker.Kms.Prpc;
using Broker.Kms.Prpc.Messages;
using Broker.Kms.Tls;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Broker.Kms.Onboarding;

/// <summary>
/// <c>Onboard.GetAttestationInfo</c>: what an operator must allow-list before this machine may become a KMS. The values
/// are exactly those that the authority will be asked about.
/// </summary>
internal sealed partial class GetAttestationInfo(
    KmsOptions options,
    SelfIdentity machine,
    IGuestAgent agent,
    IBootAuthority authority,
    ILogger<GetAttestationInfo> log)
    : PrpcMethod<Nothing, AttestationInfoResponse>
{
    public override string Name => "GetAttestationInfo";

    protected override async Task<Result<AttestationInfoResponse>> HandleAsync(
        Nothing request, RpcCaller caller, CancellationToken stop)
    {
        var evidence = await machine.AttestAsync("attestation", stop);
        if (evidence.IsRefused) return evidence.Refusal;
        var vmConfig = await agent.VmConfigAsync(stop);
        if (vmConfig.IsRefused) return vmConfig.Refusal.Within("Failed to get VM info");
        var boot = evidence.Value.DecodeBootInfo(vmConfig.Value, MeasurementView.Full);
        if (!boot.Succeeded)
        {
            return new Refusal(
                AuthorizationRefusals.MeasurementsUnreadable, $"Failed to decode app info: {boot.Error}");
        }

        var description = await authority.DescribeAsync(stop);
        if (description.IsRefused) LogUndescribed(description.Refusal.Detail);
        var known = description.IsRefused ? null : description.Value;
        return new AttestationInfoResponse
        {
            DeviceId = ByteString.CopyFrom(boot.Value.DeviceId.Bytes.Span),
            MrAggregated = ByteString.CopyFrom(boot.Value.MrAggregated.Span),
            OsImageHash = ByteString.CopyFrom(boot.Value.OsImageHash.Span),
            TeeVariant = boot.Value.TeeVariant,
            SiteName = options.SiteName,
            EthRpcUrl = known?.EthRpcUrl ?? "",
            KmsContractAddress = known?.KmsContractAddress ?? "",
            Ppid = evidence.Value is VerifiedTdxAttestation tdx
                ? ByteString.CopyFrom(tdx.Quote.Platform.Ppid.Span)
                : ByteString.Empty,
        };
    }

    [LoggerMessage(LogLevel.Warning, "The authority did not describe itself: {Reason}")]
    private partial void LogUndescribed(string reason);
}
