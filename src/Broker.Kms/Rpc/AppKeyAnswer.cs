using System.Security.Cryptography;
using Broker.Kms.Authorization;
using Broker.Kms.Certificates;
using Broker.Kms.Keys;
using Broker.Kms.Prpc.Messages;
using Broker.Kms.Records;
using Broker.Ledger;
using Google.Protobuf;

namespace Broker.Kms.Rpc;

/// <summary>The one place where an app's secrets become an answer.</summary>
internal static class AppKeyAnswer
{
    /// <summary>Derives the keys of a release that is on record.</summary>
    public static AppKeyResponse From(RecordedRelease<KmsRelease<ApprovedCaller>> recorded, KmsIdentity identity)
    {
        var caller = recorded.Redeem().What;
        var roots = identity.Roots;
        var app = caller.Boot.AppId;
        var k256 = AppKeyDerivation.K256Key(roots, app);
        using var appKey = RootKeys.ReadK256(k256);
        try
        {
            return new AppKeyResponse
            {
                CaCert = identity.RootCaPem,
                DiskCryptKey = Take(AppKeyDerivation.DiskCryptKey(roots, app, caller.Boot.InstanceId)),
                EnvCryptKey = Take(AppKeyDerivation.EnvCryptKey(roots, app)),
                K256Key = ByteString.CopyFrom(k256),
                K256Signature = ByteString.CopyFrom(
                    KmsSignature.OverAppKey(roots, app, appKey.PublicKey.ToCompressed())),
                TproxyAppId = caller.GatewayAppId,
                GatewayAppId = caller.GatewayAppId,
                OsImageHash = ByteString.CopyFrom(caller.Boot.OsImageHash.Span),
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(k256);
        }
    }

    private static ByteString Take(byte[] secret)
    {
        var taken = ByteString.CopyFrom(secret);
        CryptographicOperations.ZeroMemory(secret);
        return taken;
    }
}
