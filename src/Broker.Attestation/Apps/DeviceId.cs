using System.Security.Cryptography;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Apps;

/// <summary>
/// Which machine a guest runs on. On TDX SHA-256 of the platform's PPID, from its verified PCK certificate; on SEV-SNP
/// the chip's id itself.
/// </summary>
public readonly record struct DeviceId
{
    private readonly Octets _value;

    private DeviceId(Octets value) => _value = value;

    /// <summary>32 bytes, on SEV-SNP 64.</summary>
    public ReadOnlyMemory<byte> Bytes => _value.Bytes;

    /// <summary>32 bytes on every platform, as certificates name the machine.</summary>
    public ReadOnlyMemory<byte> Digest => Bytes.Length == SHA256.HashSizeInBytes || Bytes.IsEmpty
        ? Bytes
        : SHA256.HashData(Bytes.Span);

    public static DeviceId Of(PckIdentity platform) => new(new Octets(SHA256.HashData(platform.Ppid.Span)));

    /// <summary>The id of a chip from its verified report, 64 bytes.</summary>
    public static DeviceId OfChip(ReadOnlyMemory<byte> chipId) => new(new Octets(chipId.Span));

    /// <summary>Lower-case hex.</summary>
    public override string ToString() => _value.ToString();
}
