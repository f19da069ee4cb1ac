using System.Collections.Immutable;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.Verification;

/// <summary>
/// What verification found: a <see cref="VerifiedQuote"/> or a <see cref="RefusedQuote"/>, and nothing between. No
/// <c>Result</c>: a refused quote is shown too, and its codes are the field's own.
/// </summary>
public abstract record QuoteVerdict
{
    private protected QuoteVerdict()
    {
    }
}

/// <summary>The quote is not to be believed.</summary>
/// <param name="Quote">The quote as parsed, for display only; null when the bytes are not a quote.</param>
public sealed record RefusedQuote(QuoteRefusal Refusal, Quote? Quote) : QuoteVerdict;

/// <summary>
/// The quote was made by a genuine platform, and its body is what the platform measured. Whether the platform is
/// current enough (<see cref="Status"/>, <see cref="AdvisoryIds"/>) and the workload the expected one is for the
/// caller.
/// </summary>
public sealed record VerifiedQuote : QuoteVerdict
{
    public required Quote Quote { get; init; }

    /// <summary>
    /// The merged status of platform, TDX module and quoting enclave; never <see cref="TcbStatus.Revoked"/>.
    /// </summary>
    public required TcbStatus Status { get; init; }

    /// <summary>Intel advisories that apply, from all matched levels, each once, in ordinal order.</summary>
    public required ImmutableArray<string> AdvisoryIds { get; init; }

    /// <summary>The oldest date among the matched levels: how far back the platform's state reaches.</summary>
    public required DateTimeOffset TcbDate { get; init; }

    /// <summary>The statuses that were merged, so that an operator sees which part is behind.</summary>
    public required TcbEvaluation Launch { get; init; }

    /// <summary>The same with the TDX module that runs now; null before TDX 1.5.</summary>
    public TcbEvaluation? Current { get; init; }

    /// <summary>The platform, from its certificate. Identifies a machine: keep it out of shared logs.</summary>
    public required PckIdentity Platform { get; init; }

    /// <summary>
    /// The verdict holds from here, inclusive: the latest start among certificates, CRLs and collateral.
    /// </summary>
    public required DateTimeOffset ValidFrom { get; init; }

    /// <summary>
    /// The verdict holds until here, inclusive: the earliest end among certificates, CRLs and collateral.
    /// </summary>
    public required DateTimeOffset ValidUntil { get; init; }
}

/// <summary>One evaluation of the TCB: what each part was found to be, and what they amount to.</summary>
public sealed record TcbEvaluation(
    TcbStatus Status,
    TcbStatus PlatformStatus,
    TcbStatus? ModuleStatus,
    TcbStatus QeStatus,
    ImmutableArray<string> AdvisoryIds,
    DateTimeOffset TcbDate);
