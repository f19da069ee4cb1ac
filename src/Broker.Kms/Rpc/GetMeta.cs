using Broker.Foundation.Results;
using Broker.Kms.Authorization;
using Broker.Kms.Certificates;
using Broker.Kms.Keys;
using Broker.Kms.Prpc;
using Broker.Kms.Prpc.Messages;
using Broker.Kms.Tls;
using Google.Protobuf;

namespace Broker.Kms.Rpc;

/// <summary>
/// <c>GetMeta</c>: what everybody may know of this KMS. Asks neither who calls nor whether the KMS itself is allowed,
/// and holds no secret; fails as a whole when the authority cannot describe itself.
/// </summary>
internal sealed class GetMeta(KmsIdentity identity, KeyDirectory folder, IBootAuthority authority)
    : PrpcMethod<Nothing, GetMetaResponse>
{
    public override string Name => "GetMeta";

    protected override async Task<Result<GetMetaResponse>> HandleAsync(
        Nothing request, RpcCaller caller, CancellationToken stop)
    {
        var description = await authority.DescribeAsync(stop);
        if (description.IsRefused) return description.Refusal;

        var answer = new GetMetaResponse
        {
            CaCert = identity.RootCaPem,
            AllowAnyUpgrade = description.Value.IsDev,
            K256Pubkey = ByteString.CopyFrom(identity.Roots.K256PublicKey),
            BootstrapInfo = BootstrapInfo.Read(folder) is { } info ? ToMessage(info) : null,
            IsDev = description.Value.IsDev,
        };
        if (description.Value.GatewayAppId is { } gateway) answer.GatewayAppId = gateway;
        if (description.Value.KmsContractAddress is { } contract) answer.KmsContractAddress = contract;
        if (description.Value.ChainId is { } chain) answer.ChainId = chain;
        if (description.Value.AppAuthImplementation is { } kind) answer.AppAuthImplementation = kind;
        return answer;
    }

    private static BootstrapResponse ToMessage(BootstrapInfo info) => new()
    {
        CaPubkey = ByteString.CopyFrom(Convert.FromHexString(info.CaPublicKey)),
        K256Pubkey = ByteString.CopyFrom(Convert.FromHexString(info.K256PublicKey)),
        Attestation = ByteString.CopyFrom(Convert.FromHexString(info.Attestation)),
    };
}
