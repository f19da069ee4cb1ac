using System.Collections.Frozen;
using System.Globalization;
using System.Net;

namespace Broker.LocalCloud.Policies;

/// <summary>The comparisons that a condition may name (IAM User Guide, "Condition operators").</summary>
internal static class ConditionOperators
{
    /// <summary>Compares one value of the request with one value of the policy.</summary>
    internal delegate bool Comparison(PolicyText wanted, string given, AccessRequest request);

    private static readonly FrozenDictionary<string, Comparison> Positive = new Dictionary<string, Comparison>
    {
        ["StringEquals"] = (wanted, given, request) => wanted.Equals(given, request, StringComparison.Ordinal),
        ["StringEqualsIgnoreCase"] = EqualIgnoringCase,
        ["StringLike"] = (wanted, given, request) => wanted.IsLike(given, request),
        ["ArnEquals"] = (wanted, given, request) => wanted.IsLike(given, request),
        ["ArnLike"] = (wanted, given, request) => wanted.IsLike(given, request),
        ["Bool"] = EqualIgnoringCase,
        ["NumericEquals"] = (wanted, given, _) => Number(given, wanted) == 0,
        ["NumericLessThan"] = (wanted, given, _) => Number(given, wanted) < 0,
        ["NumericLessThanEquals"] = (wanted, given, _) => Number(given, wanted) <= 0,
        ["NumericGreaterThan"] = (wanted, given, _) => Number(given, wanted) > 0,
        ["NumericGreaterThanEquals"] = (wanted, given, _) => Number(given, wanted) >= 0,
        ["DateEquals"] = (wanted, given, _) => Date(given, wanted) == 0,
        ["DateLessThan"] = (wanted, given, _) => Date(given, wanted) < 0,
        ["DateLessThanEquals"] = (wanted, given, _) => Date(given, wanted) <= 0,
        ["DateGreaterThan"] = (wanted, given, _) => Date(given, wanted) > 0,
        ["DateGreaterThanEquals"] = (wanted, given, _) => Date(given, wanted) >= 0,
        ["IpAddress"] = InNetwork,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string> Negated = new Dictionary<string, string>
    {
        ["StringNotEquals"] = "StringEquals",
        ["StringNotEqualsIgnoreCase"] = "StringEqualsIgnoreCase",
        ["StringNotLike"] = "StringLike",
        ["ArnNotEquals"] = "ArnEquals",
        ["ArnNotLike"] = "ArnLike",
        ["NumericNotEquals"] = "NumericEquals",
        ["DateNotEquals"] = "DateEquals",
        ["NotIpAddress"] = "IpAddress",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <returns>
    /// The comparison and whether its result is to be turned round, or null for a name that IAM does not know.
    /// </returns>
    public static (Comparison Compare, bool Negated)? Find(string name)
    {
        if (Positive.TryGetValue(name, out var comparison)) return (comparison, false);
        return Negated.TryGetValue(name, out var opposite) ? (Positive[opposite], true) : null;
    }

    private static bool EqualIgnoringCase(PolicyText wanted, string given, AccessRequest request) =>
        wanted.Equals(given, request, StringComparison.OrdinalIgnoreCase);

    /// <summary>The sign of the difference, or null (which compares as false) when either is not a number.</summary>
    private static int? Number(string given, PolicyText wanted) =>
        decimal.TryParse(given, CultureInfo.InvariantCulture, out var left)
        && decimal.TryParse(wanted.Text, CultureInfo.InvariantCulture, out var right) ? left.CompareTo(right) : null;

    private static int? Date(string given, PolicyText wanted) =>
        Instant(given) is { } left && Instant(wanted.Text) is { } right ? left.CompareTo(right) : null;

    private static DateTimeOffset? Instant(string text)
    {
        if (long.TryParse(text, NumberStyles.None, null, out var seconds) && seconds < 253_402_300_800)
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;
    }

    private static bool InNetwork(PolicyText wanted, string given, AccessRequest request)
    {
        if (!IPAddress.TryParse(given, out var address)) return false;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return wanted.Text.Contains('/', StringComparison.Ordinal)
            ? IPNetwork.TryParse(wanted.Text, out var network) && network.Contains(address)
            : IPAddress.TryParse(wanted.Text, out var single) && single.Equals(address);
    }
}
