using System.Collections.Immutable;

namespace Broker.Attestation.Verification;

/// <summary>
/// What a PCK certificate says of its platform: the SGX extension, OID 1.2.840.113741.1.13.1
/// (Intel SGX PCK Certificate and CRL Profile Specification, §1.3.5).
/// </summary>
public sealed record PckIdentity
{
    /// <summary>16 bytes, constant for a platform: dstack's <c>device_id</c> is its SHA-256.</summary>
    public required ReadOnlyMemory<byte> Ppid { get; init; }

    /// <summary>
    /// The 16 SGX TCB component SVNs. These are matched against TCB levels, not <see cref="CpuSvn"/>.
    /// </summary>
    public required ImmutableArray<byte> SgxTcbComponents { get; init; }
    public required ushort PceSvn { get; init; }

    /// <summary>16 bytes.</summary>
    public required ReadOnlyMemory<byte> CpuSvn { get; init; }

    /// <summary>2 bytes.</summary>
    public required ReadOnlyMemory<byte> PceId { get; init; }

    /// <summary>6 bytes: family, model, stepping, platform type, custom SKU.</summary>
    public required ReadOnlyMemory<byte> Fmspc { get; init; }

    /// <summary>0 standard, 1 scalable, 2 scalable with integrity.</summary>
    public required int SgxType { get; init; }

    /// <summary>16 bytes on multi-package platforms; null elsewhere.</summary>
    public ReadOnlyMemory<byte>? PlatformInstanceId { get; init; }
}
