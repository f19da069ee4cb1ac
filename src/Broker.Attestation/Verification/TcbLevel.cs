using System.Collections.Immutable;

namespace Broker.Attestation.Verification;

/// <summary>
/// A platform TCB level of TCB info: the SVNs that a platform must reach, and its status when it does.
/// </summary>
/// <param name="SgxComponents">16 SVNs, compared with those of the PCK certificate.</param>
/// <param name="TdxComponents">16 SVNs, compared with TEE_TCB_SVN; empty in TCB info for SGX.</param>
internal sealed record TcbLevel(
    ImmutableArray<byte> SgxComponents,
    ushort PceSvn,
    ImmutableArray<byte> TdxComponents,
    TcbStatus Status,
    DateTimeOffset TcbDate,
    ImmutableArray<string> AdvisoryIds)
{
    /// <summary>
    /// Highest first by (SGX components, PCESVN, TDX components): the order in which levels are tried.
    /// </summary>
    public static int CompareDescending(TcbLevel left, TcbLevel right)
    {
        var bySgx = right.SgxComponents.AsSpan().SequenceCompareTo(left.SgxComponents.AsSpan());
        if (bySgx != 0) return bySgx;
        var byPce = right.PceSvn.CompareTo(left.PceSvn);
        return byPce != 0 ? byPce : right.TdxComponents.AsSpan().SequenceCompareTo(left.TdxComponents.AsSpan());
    }
}

/// <summary>A TCB level of one enclave or TDX module: a single SVN.</summary>
internal sealed record IsvLevel(
    ushort IsvSvn, TcbStatus Status, DateTimeOffset TcbDate, ImmutableArray<string> AdvisoryIds);
