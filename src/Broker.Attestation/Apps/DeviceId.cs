using System.Security.Cryptography;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Apps;

/// <summary>Which machine a guest runs on: SHA-256 of the platform's PPID, from its verified PCK certificate.</summary>
public readonly record struct DeviceId
{
    private readonly Octets _value;

    private DeviceId(Octets value) => _value = value;

    /// <summary>32 bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => _value.Bytes;

    public static DeviceId Of(PckIdentity platform) => new(new Octets(SHA256.HashData(platform.Ppid.Span)));

    /// <summary>64 lower-case hex digits.</summary>
    public override string ToString() => _value.ToString();
}
