using Broker.Kms.Prpc.Messages;
using Google.Protobuf;

namespace Broker.Fuzz.Targets;

/// <summary>Messages of prpc with something in every field.</summary>
internal static class PrpcRequests
{
    private static readonly ByteString Bytes = ByteString.CopyFrom(0, 1, 0x7f, 0x80, 0xff);

    public static IReadOnlyList<IMessage> All { get; } =
    [
        new GetAppKeyRequest { ApiVersion = 1, VmConfig = """{"cpu_count":2}""" },
        new GetAppEnvEncryptPubKeyRequest { AppId = Bytes },
        new SignCertRequest { ApiVersion = 2, Csr = Bytes, Signature = Bytes, VmConfig = "{}" },
        new KmsKeyResponse
        {
            TempCaKey = "PEM", Keys = { new KmsKeys { CaKey = "a", K256Key = Bytes }, new KmsKeys { CaKey = "b" } },
        },
    ];

    /// <summary>One empty message of each kind.</summary>
    public static IEnumerable<IMessage> Empty() =>
        All.Select(request => request.Descriptor.Parser.ParseFrom(ByteString.Empty));
}
