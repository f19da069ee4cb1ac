using System.Collections.Immutable;
using Broker.Attestation.SevSnp.Reports;

namespace Broker.Attestation.SevSnp.Verification;

/// <summary>
/// What a verifier accepts of genuine machines. The default is the strictest. There is no way to accept a guest that
/// can be debugged.
/// </summary>
public sealed record SnpPolicy
{
    /// <summary>
    /// Accept keys that AMD gave to a cloud provider. Such a report names no chip, and the provider answers for it.
    /// </summary>
    public bool AllowVlek { get; init; }

    /// <summary>Accept guests that their host may move to another machine.</summary>
    public bool AllowMigrationAgent { get; init; }

    /// <summary>The least privileged level inside the guest that may speak for it; 0 is the most privileged.</summary>
    public uint MaxVmpl { get; init; }

    /// <summary>Refuse what comes without a revocation list.</summary>
    public bool RequireRevocationList { get; init; }

    /// <summary>The firmware levels that a platform has to reach, for the families that have an entry.</summary>
    public ImmutableDictionary<ProcessorFamily, TcbLevels> MinimumTcb { get; init; } =
        ImmutableDictionary<ProcessorFamily, TcbLevels>.Empty;
}

/// <summary>The values that a report has to carry. One that is null is not asked for.</summary>
public sealed record SnpExpectations
{
    /// <summary>All 64 bytes.</summary>
    public ReadOnlyMemory<byte>? ReportData { get; init; }

    /// <summary>48 bytes.</summary>
    public ReadOnlyMemory<byte>? Measurement { get; init; }

    /// <summary>32 bytes.</summary>
    public ReadOnlyMemory<byte>? HostData { get; init; }

    /// <summary>64 bytes.</summary>
    public ReadOnlyMemory<byte>? ChipId { get; init; }
}
