using System.Security.Cryptography;
using Broker.Kms.Authorization;
using Broker.Kms.Certificates;
using Broker.Kms.Prpc.Messages;
using Broker.Kms.Records;
using Broker.Ledger;
using Google.Protobuf;

namespace Broker.Kms.Rpc;

/// <summary>The one place where private keys of the KMS itself become an answer.</summary>
internal static class RootKeyAnswer
{
    /// <summary>The root secrets, in exactly one set.</summary>
    public static KmsKeyResponse KmsKey(
        RecordedRelease<KmsRelease<ApprovedCaller>> recorded, KmsIdentity identity)
    {
        _ = recorded.Redeem();
        var k256 = identity.Roots.ExportK256();
        try
        {
            return new KmsKeyResponse
            {
                TempCaKey = identity.Roots.TempCa.ToPem(),
                Keys = { new KmsKeys { CaKey = identity.Roots.Ca.ToPem(), K256Key = ByteString.CopyFrom(k256) } },
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(k256);
        }
    }

    public static GetTempCaCertResponse TempCa(RecordedRelease<KmsRelease<KmsIdentity>> recorded)
    {
        var identity = recorded.Redeem().What;
        return new GetTempCaCertResponse
        {
            TempCaCert = identity.TempCaPem,
            TempCaKey = identity.Roots.TempCa.ToPem(),
            CaCert = identity.RootCaPem,
        };
    }
}
