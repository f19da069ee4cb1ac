using System.Text.Json;

namespace Broker.OAuth.ForeignIssuers;

/// <summary>
/// Service accounts of a Kubernetes cluster. The subject is <c>system:serviceaccount:NAMESPACE:NAME</c>. A pod shows
/// the token that is mounted into it until the cluster puts a new one there, so it is not good once.
/// </summary>
internal sealed record Kubernetes() : Preset("kubernetes")
{
    private const string Account = "system:serviceaccount:", Member = "kubernetes.io";

    public override IReadOnlyList<string> Algorithms => ["RS256", "ES256"];

    public override bool IsSingleUse => false;

    public override IReadOnlySet<string> Claims { get; } = Names($"sub {Member}");

    public override string? FaultOf(ForeignRule rule) =>
        rule.Conditions.Any(one => one is { Path: [Member, "namespace"], Text: not null, IsExact: true })
        || IsPinned(rule, "sub", one => one.Fixed.StartsWith(Account, StringComparison.Ordinal)
            && one.Fixed.IndexOf(':', Account.Length) > Account.Length)
            ? null
            : $"claims must pin the namespace: {Member} › namespace, or sub ({Account}NAMESPACE:…)";

    public override string? FaultOf(string subject, JsonElement claims, ForeignIssuer issuer) =>
        Text(claims, Member, "namespace") is { Length: > 0 } space
        && Text(claims, Member, "serviceaccount", "name") is { Length: > 0 } name
        && subject == $"{Account}{space}:{name}"
            ? null
            : $"it must have {Member} with namespace and serviceaccount, and {Account}NAMESPACE:NAME for its sub";
}
