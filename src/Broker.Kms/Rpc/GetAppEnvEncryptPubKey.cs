using Broker.Attestation.Apps;
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
/// <c>GetAppEnvEncryptPubKey</c>: the public key to which a deploy tool encrypts an app's environment, signed with the
/// secp256k1 root once alone and once together with the time. Public, so nothing of it is recorded.
/// </summary>
internal sealed class GetAppEnvEncryptPubKey(KmsIdentity identity, SelfAuthorization self, TimeProvider time)
    : PrpcMethod<GetAppEnvEncryptPubKeyRequest, PublicKeyResponse>
{
    public override string Name => "GetAppEnvEncryptPubKey";

    protected override async Task<Result<PublicKeyResponse>> HandleAsync(
        GetAppEnvEncryptPubKeyRequest request, RpcCaller caller, CancellationToken stop)
    {
        if (await self.RefusalAsync(stop) is { } ourselves) return ourselves;

        if (!AppId.TryFrom(request.AppId.Span, out var app))
            return new Refusal(RpcRefusals.AppIdInvalid, $"app_id must be {AppId.Length} bytes");

        var publicKey = AppKeyDerivation.EnvPublicKey(identity.Roots, app);
        var timestamp = (ulong)time.GetUtcNow().ToUnixTimeSeconds();
        return new PublicKeyResponse
        {
            PublicKey = ByteString.CopyFrom(publicKey),
            Signature = ByteString.CopyFrom(KmsSignature.OverEnvKey(identity.Roots, app, publicKey)),
            Timestamp = timestamp,
            SignatureV1 = ByteString.CopyFrom(KmsSignature.OverEnvKey(identity.Roots, app, publicKey, timestamp)),
        };
    }
}
