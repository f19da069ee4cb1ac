using Broker.Attestation.Verification;

namespace Broker.Attestation.Simulation;

/// <summary>
/// What a simulated machine's PCK certificate says. All machines share one platform family; their TCB level is in their
/// certificate, so one collateral service serves good machines and bad ones.
/// </summary>
public sealed record SimulatedPlatform
{
    /// <summary>The family that simulated collateral is for.</summary>
    public static ReadOnlyMemory<byte> Fmspc { get; } = Convert.FromHexString("51b000000000");

    /// <summary>16 bytes that identify the machine: dstack's <c>device_id</c> is their SHA-256.</summary>
    public required ReadOnlyMemory<byte> Ppid { get; init; }

    /// <summary>Its own FMSPC, 6 bytes; simulated collateral is for no other than the usual one.</summary>
    public ReadOnlyMemory<byte> Family { get; init; } = Fmspc;

    /// <summary>The status at which verification shall find the platform.</summary>
    public TcbStatus TcbStatus { get; init; } = TcbStatus.UpToDate;

    /// <summary>The PCK certificate ended a year ago.</summary>
    public bool CertificateExpired { get; init; }

    /// <summary>The 16 SGX TCB component SVNs: the first one alone decides the level.</summary>
    internal byte[] SgxTcbComponents
        => [SimulatedCollateral.SvnFor(TcbStatus), 5, 2, 2, 4, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0];
}
