using System.Globalization;
using System.Text.RegularExpressions;
using Broker.LocalCloud.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Broker.LocalCloud.Sts;

/// <summary>
/// The form of a Query request. Reading a parameter checks it; faults are collected as AWS does, so that one answer
/// names them all. Read everything first, then ask for <see cref="Refusal"/>, and only then use the values.
/// </summary>
internal sealed partial class StsParameters
{
    public const int MaxRoleArnLength = 2048;
    public const int MaxPolicyLength = 2048;
    private const int MaxValueShown = 200;

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];

    /// <param name="form">The body, as <c>application/x-www-form-urlencoded</c>.</param>
    public StsParameters(string form)
    {
        foreach (var (name, values) in QueryHelpers.ParseQuery(form))
        {
            if (values is [{ } value]) _values[name] = value;
            else _faults.Add($"Parameter '{name}' was given more than once");
        }
    }

    /// <summary>Every fault found so far in one refusal, or null.</summary>
    public AwsRefusal? Refusal => _faults.Count == 0 ? null : StsRefusals.Validation(
        $"{_faults.Count} validation error{(_faults.Count == 1 ? "" : "s")} detected: {string.Join("; ", _faults)}");

    /// <returns>The value, or null when it is absent or empty.</returns>
    public string? Optional(string name, int min, int max)
    {
        if (_values.GetValueOrDefault(name) is not { Length: > 0 } value) return null;
        if (value.Length < min) Constraint(name, value, $"Member must have length greater than or equal to {min}");
        if (value.Length > max) Constraint(name, value, $"Member must have length less than or equal to {max}");
        return value;
    }

    /// <returns>The value; a missing one is a fault and reads as the empty text.</returns>
    public string Required(string name, int min, int max)
    {
        if (Optional(name, min, max) is { } value) return value;
        _faults.Add($"Value null at '{MemberName(name)}' failed to satisfy constraint: Member must not be null");
        return "";
    }

    /// <summary>The session's name: 2 to 64 of <c>[\w+=,.@-]</c>.</summary>
    public string RoleSessionName()
    {
        var name = Required("RoleSessionName", 2, 64);
        MustBeNameLike("RoleSessionName", name);
        return name;
    }

    public string? SourceIdentity()
    {
        var value = Optional("SourceIdentity", 2, 64);
        if (value is not null) MustBeNameLike("SourceIdentity", value);
        return value;
    }

    /// <summary>900 to 43200 seconds, one hour when absent.</summary>
    public TimeSpan Duration()
    {
        if (_values.GetValueOrDefault("DurationSeconds") is not { Length: > 0 } text) return TimeSpan.FromHours(1);
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
            _faults.Add("Value at 'durationSeconds' is not an integer");
        else if (seconds < 900)
            Constraint("DurationSeconds", text, "Member must have value greater than or equal to 900");
        else if (seconds > 43200)
            Constraint("DurationSeconds", text, "Member must have value less than or equal to 43200");
        return TimeSpan.FromSeconds(seconds);
    }

    /// <summary>The session policy's text. Managed policies by ARN do not exist in this cloud.</summary>
    public string? Policy()
    {
        if (_values.Keys.Any(name => name.StartsWith("PolicyArns.", StringComparison.Ordinal)))
            _faults.Add("PolicyArns: the local cloud has no managed policies; send the policy itself as 'Policy'");
        return Optional("Policy", 1, MaxPolicyLength);
    }

    /// <summary>The pairs <c>Tags.member.N.Key</c> and <c>.Value</c> in the order of N.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Tags()
    {
        var pairs = new List<KeyValuePair<string, string>>();
        for (var n = 1; _values.TryGetValue($"Tags.member.{n}.Key", out var key); n++)
            pairs.Add(new(key, _values.GetValueOrDefault($"Tags.member.{n}.Value") ?? ""));
        return pairs;
    }

    /// <summary>The values <c>TransitiveTagKeys.member.N</c>.</summary>
    public IReadOnlyList<string> TransitiveTagKeys()
    {
        var keys = new List<string>();
        for (var n = 1; _values.TryGetValue($"TransitiveTagKeys.member.{n}", out var key); n++) keys.Add(key);
        return keys;
    }

    [GeneratedRegex(@"^[\w+=,.@-]*\z", RegexOptions.ECMAScript)]
    public static partial Regex NameLike();

    private void MustBeNameLike(string name, string value)
    {
        if (!NameLike().IsMatch(value))
            Constraint(name, value, @"Member must satisfy regular expression pattern: [\w+=,.@-]*");
    }

    private void Constraint(string name, string value, string constraint) => _faults.Add(
        $"Value '{(value.Length > MaxValueShown ? value[..MaxValueShown] + "…" : value)}' at '{MemberName(name)}' "
        + $"failed to satisfy constraint: {constraint}");

    private static string MemberName(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
