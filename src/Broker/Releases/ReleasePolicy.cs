using Broker.Configuration;
using Broker.Http;
using Broker.Ledger;

namespace Broker.Releases;

/// <summary>
/// Authorisation: decides from data whether a verified caller may have what it wants. The checks are a list, in order,
/// each with its reason; a mint stops at the first that refuses, a dry run shows them all.
/// </summary>
internal sealed class ReleasePolicy(
    SignedMint signatures, BrokerOptions options, ReleaseLedger ledger, TimeProvider time)
{
    private readonly IReleaseCheck[] _checks =
    [
        new SignatureCheck(signatures, options),
        new RoleCheck(options),
        new LifetimeCheck(options),
        new RateCheck(options, ledger, time),
    ];

    /// <summary>Approves, and takes what is good once. Nothing is taken when a check refuses.</summary>
    public Outcome<ApprovedMint> Approve(MintRequest request)
    {
        foreach (var check in _checks)
        {
            if (check.Look(request).Refusal is { } refusal) return refusal;
        }

        foreach (var check in _checks)
        {
            if (check.Take(request) is { } gone) return gone;
        }

        return new ApprovedMint(request, time.GetUtcNow());
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
