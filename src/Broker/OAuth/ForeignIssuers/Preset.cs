using System.Text.Json;

namespace Broker.OAuth.ForeignIssuers;

/// <summary>
/// What is known of a kind of issuer: its address, its algorithms, the claims that a rule may name, what a rule must
/// pin, and what its tokens must say. A rule that a stranger's job could meet does not start the broker.
/// </summary>
internal abstract record Preset(string Name)
{
    public const string SpiffeScheme = "spiffe://";

    public static IReadOnlyList<Preset> All { get; } =
        [new GitHubActions(), new GitLab(), new Kubernetes(), new Spiffe()];

    /// <summary>Null where each installation has its own.</summary>
    public virtual string? Issuer => null;

    public virtual IReadOnlyList<string> Algorithms => ["RS256"];

    /// <summary>False where one token is meant to be shown again and again.</summary>
    public virtual bool IsSingleUse => true;

    /// <summary>The claims that a rule may name; null for all.</summary>
    public virtual IReadOnlySet<string>? Claims => null;

    /// <summary>Null where only the operator's own jobs can meet the rule; otherwise what it must pin.</summary>
    public abstract string? FaultOf(ForeignRule rule);

    /// <summary>Null for a token that is of this kind; otherwise what is wrong with it.</summary>
    public abstract string? FaultOf(string subject, JsonElement claims, ForeignIssuer issuer);

    protected static bool IsPinned(ForeignRule rule, string claim, Func<ClaimCondition, bool>? also = null) =>
        rule.Conditions.Any(one => one.Path is [var name] && name == claim && one.Text is not null
            && (also?.Invoke(one) ?? one.IsExact));

    protected static string? Text(JsonElement claims, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (claims.ValueKind != JsonValueKind.Object || !claims.TryGetProperty(name, out claims)) return null;
        }

        return claims.ValueKind == JsonValueKind.String ? claims.GetString() : null;
    }

    protected static HashSet<string> Names(string names) =>
        names.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
}
