using Broker.Foundation.Results;

namespace Broker.Releases;

/// <summary>
/// Authorisation: decides from data whether a verified caller may have what it wants. The checks are a list, in order,
/// each with its reason; a mint stops at the first that refuses, a dry run shows them all.
/// </summary>
/// <param name="checks">In the order in which modules have added them.</param>
internal sealed class ReleasePolicy(IEnumerable<IReleaseCheck> checks, TimeProvider time)
{
    private readonly IReleaseCheck[] _checks = [.. checks];

    /// <summary>Approves, and takes what is good once. Nothing is taken when a check refuses.</summary>
    public Result<ApprovedMint> Approve(MintRequest request)
    {
        foreach (var check in _checks)
        {
            if (check.Look(request).Refusal is { } refusal) return refusal;
        }

        foreach (var check in _checks)
        {
            if (check.Take(request) is not { } gone) continue;
            GiveBack(request);
            return gone;
        }

        return new ApprovedMint(request, time.GetUtcNow());
    }

    /// <summary>
    /// Gives back what <see cref="Approve"/> took and can be used again. For whoever was approved and got nothing.
    /// </summary>
    public void GiveBack(MintRequest request)
    {
        foreach (var check in _checks) check.GiveBack(request);
    }

    /// <summary>What <see cref="Approve"/> would find, taking nothing; the mint is null when a check refuses.</summary>
    public (IReadOnlyList<PolicyCheck> Checks, ApprovedMint? Mint) Explain(MintRequest request)
    {
        PolicyCheck[] found = [.. _checks.Select(check => check.Look(request))];
        return (found, found.All(check => check.Refusal is null)
            ? new ApprovedMint(request, time.GetUtcNow())
            : null);
    }
}
