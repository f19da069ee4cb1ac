using System.Collections.Immutable;

namespace Broker.Attestation.Verification;

/// <summary>
/// TCB info, version 3, of Intel's provisioning certification service: the levels of one platform family.
/// </summary>
internal sealed record TcbInfo
{
    public required DateTimeOffset IssueDate { get; init; }
    public required DateTimeOffset NextUpdate { get; init; }

    /// <summary>6 bytes.</summary>
    public required ReadOnlyMemory<byte> Fmspc { get; init; }

    /// <summary>2 bytes.</summary>
    public required ReadOnlyMemory<byte> PceId { get; init; }
    public required int TcbEvaluationDataNumber { get; init; }

    /// <summary>The module of version 0, from before modules had identities; null in TCB info for SGX.</summary>
    public required TdxModule? TdxModule { get; init; }

    /// <summary>The modules of later versions by upper-case id, <c>TDX_01</c> and on.</summary>
    public required ImmutableArray<TdxModuleIdentity> TdxModuleIdentities { get; init; }

    /// <summary>Highest first, no two with the same SVNs.</summary>
    public required ImmutableArray<TcbLevel> Levels { get; init; }
}

/// <param name="MrSigner">48 bytes.</param>
/// <param name="Attributes">8 bytes.</param>
internal sealed record TdxModule(ReadOnlyMemory<byte> MrSigner, ReadOnlyMemory<byte> Attributes);

/// <param name="Levels">Highest first, no two with the same SVN.</param>
internal sealed record TdxModuleIdentity(string Id, TdxModule Module, ImmutableArray<IsvLevel> Levels);
