using Broker.Attestation.Issuers;
using Broker.Ledger.Notes;

namespace Broker.Cli.Issuer;

/// <summary>How a check ended.</summary>
internal enum CheckResult
{
    Ok,
    Failed,

    /// <summary>There was nothing to check it by.</summary>
    NotChecked,
}

/// <summary>One check.</summary>
/// <param name="Name">Stable, for programs.</param>
/// <param name="Code">Stable: why it failed; null where it did not.</param>
/// <param name="What">For people: what holds, or what does not.</param>
internal sealed record IssuerCheck(string Name, CheckResult Result, string? Code, string What);

/// <summary>
/// What verification found of an issuer, check by check in the order in which they build on one another.
/// </summary>
internal sealed record IssuerReport(IReadOnlyList<IssuerCheck> Checks)
{
    /// <summary>What the evidence states; null where it could not be read.</summary>
    public IssuerStatement? Statement { get; init; }

    /// <summary><c>tdx</c> or <c>sev-snp</c>; null where the evidence could not be read.</summary>
    public string? Tee { get; init; }

    /// <summary>Null where the quote does not hold.</summary>
    public MeasuredValues? Measured { get; init; }

    /// <summary>Null where it does not hold.</summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>Something does not hold.</summary>
    public bool IsRefused => Checks.Any(check => check.Result == CheckResult.Failed);

    /// <summary>Nothing was left unchecked.</summary>
    public bool IsComplete => Checks.All(check => check.Result != CheckResult.NotChecked);
}
