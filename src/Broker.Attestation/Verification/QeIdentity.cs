using System.Collections.Immutable;

namespace Broker.Attestation.Verification;

/// <summary>
/// The identity of Intel's quoting enclave, version 2: which QE reports to believe, and its TCB levels.
/// </summary>
internal sealed record QeIdentity
{
    public required DateTimeOffset IssueDate { get; init; }
    public required DateTimeOffset NextUpdate { get; init; }
    public required int TcbEvaluationDataNumber { get; init; }

    /// <summary>4 bytes, compared under <see cref="MiscSelectMask"/>.</summary>
    public required ReadOnlyMemory<byte> MiscSelect { get; init; }
    public required ReadOnlyMemory<byte> MiscSelectMask { get; init; }

    /// <summary>16 bytes, compared under <see cref="AttributesMask"/>.</summary>
    public required ReadOnlyMemory<byte> Attributes { get; init; }
    public required ReadOnlyMemory<byte> AttributesMask { get; init; }

    /// <summary>32 bytes.</summary>
    public required ReadOnlyMemory<byte> MrSigner { get; init; }
    public required ushort IsvProdId { get; init; }

    /// <summary>Highest first, no two with the same SVN.</summary>
    public required ImmutableArray<IsvLevel> Levels { get; init; }
}
