using Broker.Aws;
using Broker.Configuration;
using Broker.Http;
using Broker.Ledger;
using Broker.Sessions;

namespace Broker.Releases;

/// <summary>One thing that policy looks at, and what it found; <see cref="Refusal"/> is null when it passed.</summary>
internal sealed record PolicyCheck(string Name, string Found, Refusal? Refusal);

/// <summary>
/// Authorisation: decides from data whether a verified caller may have what it wants. The checks are a list, in order,
/// each with its reason; a mint stops at the first that refuses, a dry run shows them all.
/// </summary>
internal sealed class ReleasePolicy(BrokerOptions options, ReleaseLedger ledger, TimeProvider time)
{
    /// <summary>Bounds of a token's lifetime (contract §3.1) and of a role session's (AWS), in seconds.</summary>
    private static readonly (int Low, int High) TokenBounds = (60, 3600), SessionBounds = (900, 43_200);

    private readonly FixedWindows _mints = new(time);

    /// <summary>Approves, and takes one from the actor's hourly budget.</summary>
    public Outcome<ApprovedMint> Approve(VerifiedCaller caller, WantedMint wanted, string requestId)
    {
        if (CheckRole(wanted, out var role).Refusal is { } noRole) return noRole;
        if (CheckLifetime(wanted, out var lifetime).Refusal is { } tooLong) return tooLong;
        if (TakeFromBudget(caller) is { } tooOften) return tooOften;
        return new ApprovedMint(caller, wanted, role, lifetime, time.GetUtcNow(), requestId);
    }

    /// <summary>
    /// What <see cref="Approve"/> would find, without taking from the budget; the mint is null when a check refuses.
    /// </summary>
    public (IReadOnlyList<PolicyCheck> Checks, ApprovedMint? Mint) Explain(
        VerifiedCaller caller, WantedMint wanted, string requestId)
    {
        PolicyCheck[] checks =
        [
            new("authenticated", $"{caller.WalletOrActor} by {caller.Proof}", null),
            CheckRole(wanted, out var role),
            CheckLifetime(wanted, out var lifetime),
            new("rate",
                options.Limits.MintsPerHour == 0 ? "no limit" : $"at most {options.Limits.MintsPerHour} an hour", null),
        ];
        return (checks, checks.All(check => check.Refusal is null)
            ? new ApprovedMint(caller, wanted, role, lifetime, time.GetUtcNow(), requestId)
            : null);
    }

    private PolicyCheck CheckRole(WantedMint wanted, out CatalogueRole? role)
    {
        const string Name = "role";
        role = null;
        if (wanted is { Kind: MintKind.OidcToken, Role: null })
            return new PolicyCheck(Name, "any that trusts the issuer", null);

        role = options.Aws.Roles.Find(wanted.Role ?? RoleCatalogue.DefaultName);
        return role is { } found
            ? new PolicyCheck(Name, $"{found.Name}: {found.Arn}", null)
            : Refuse(Name, RefusalCode.RoleNotInCatalogue, options.Aws.Roles.Names is { Length: > 0 } names
                ? $"role must be one of {names}, or the ARN of one of them"
                : "no role is configured at this broker");
    }

    private PolicyCheck CheckLifetime(WantedMint wanted, out TimeSpan lifetime)
    {
        const string Name = "lifetime";
        var ((low, high), usual, field) = wanted.Kind == MintKind.OidcToken
            ? (TokenBounds, options.Issuer.TokenLifetime, "ttl_seconds")
            : (SessionBounds, options.Aws.SessionDuration, "duration_seconds");
        lifetime = wanted.LifetimeSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : usual;
        return lifetime.TotalSeconds >= low && lifetime.TotalSeconds <= high
            ? new PolicyCheck(Name, $"{lifetime.TotalSeconds} seconds", null)
            : Refuse(Name, RefusalCode.LifetimeOutOfBounds,
                $"{field} must be between {low} and {high}, got {wanted.LifetimeSeconds}");
    }

    /// <summary>The hour's count starts from the ledger, so a restart does not give a new budget.</summary>
    private Refusal? TakeFromBudget(VerifiedCaller caller)
    {
        var limit = options.Limits.MintsPerHour;
        if (limit == 0) return null;
        var actor = caller.Actor.ToString();
        long CountSince(long start) =>
            ledger.Reader.CountOk(actor, DateTimeOffset.FromUnixTimeSeconds(start), limit);
        return _mints.Take(actor, limit, CountSince) is { } wait
            ? new Refusal(RefusalCode.MintRateLimited, $"more than {limit} credentials in this hour")
            {
                RetryAfter = wait,
            }
            : null;
    }

    private static PolicyCheck Refuse(string name, RefusalCode code, string why) =>
        new(name, why, new Refusal(code, why));
}
