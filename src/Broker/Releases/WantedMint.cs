using Broker.Ledger;
using Broker.Roles;

namespace Broker.Releases;

/// <summary>How long a kind of credential may live, in seconds, and which field of the request says so.</summary>
internal readonly record struct LifetimeBounds(string Field, int Low, int High, TimeSpan Usual)
{
    /// <summary>Within the role's own limit too.</summary>
    public LifetimeBounds For(CatalogueRole role) => role.LongestSession is { } longest
        ? this with
        {
            High = Math.Min(High, (int)longest.TotalSeconds),
            Usual = Usual < longest ? Usual : longest,
        }
        : this;
}

/// <summary>A kind of credential, declared by the feature that issues it.</summary>
/// <param name="EntryKind">What the ledger calls it.</param>
/// <param name="NeedsRole">Whether it is always for one role; where none is named, for the default one.</param>
internal sealed record MintKind(EntryKind EntryKind, bool NeedsRole, LifetimeBounds Lifetime);

/// <summary>What the caller wants: a kind, and optionally a role (name or ARN) and a lifetime in seconds.</summary>
internal sealed record WantedMint(MintKind Kind, string? Role, int? LifetimeSeconds)
{
    /// <summary>Of a token; AWS STS where it is null.</summary>
    public string? Audience { get; init; }

    /// <summary>Why the caller wants it, in its own words; null where it does not say.</summary>
    public string? Reason { get; init; }
}
