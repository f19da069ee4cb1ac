using System.Text.Json;
using System.Text.RegularExpressions;

namespace Broker.LocalCloud.Sts;

/// <summary>
/// The tags that a session shall carry, checked: at most 50, keys of 1 to 128 and values of at most 256 characters of
/// IAM's alphabet, keys distinct without regard to case, transitive keys among them.
/// </summary>
internal sealed partial record SessionTags(
    IReadOnlyDictionary<string, string> Values, IReadOnlySet<string> TransitiveKeys)
{
    private const string Claim = "https://aws.amazon.com/tags";
    private const string FlatPrincipalTag = Claim + "/principal_tags/";
    private const string FlatTransitiveKeys = Claim + "/transitive_tag_keys";

    /// <returns>The tags, or what is wrong with them.</returns>
    public static (SessionTags? Tags, string Fault) Check(
        IReadOnlyList<KeyValuePair<string, string>> pairs, IReadOnlyList<string> transitiveKeys)
    {
        if (pairs.Count > 50) return (null, "a session has at most 50 tags");
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in pairs)
        {
            if (key.Length is 0 or > 128) return (null, "a tag key has 1 to 128 characters");
            if (value.Length > 256) return (null, $"the value of tag '{key}' is longer than 256 characters");
            if (!Alphabet().IsMatch(key) || !Alphabet().IsMatch(value))
                return (null, $"tag '{key}' holds a character that tags do not take");
            if (key.StartsWith("aws:", StringComparison.OrdinalIgnoreCase))
                return (null, "tag keys may not begin with aws:");
            if (!values.TryAdd(key, value))
                return (null, "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
        }

        var transitive = transitiveKeys.ToHashSet(StringComparer.OrdinalIgnoreCase);
        return transitive.All(values.ContainsKey)
            ? (new(values, transitive), "")
            : (null, "The specified transitive tag key must be included in the requested tags.");
    }

    /// <summary>
    /// Reads the tags of a web identity token: the nested claim, in which each value is a list of exactly one string,
    /// or its flattened form, in which values are strings (IAM User Guide, "Passing session tags using
    /// AssumeRoleWithWebIdentity").
    /// </summary>
    public static (SessionTags? Tags, string Fault) FromToken(JsonElement claims)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        var transitive = new List<string>();
        if (claims.TryGetProperty(Claim, out var nested) && !ReadNested(nested, pairs, transitive))
            return (null, "The tags claim is not of the form {principal_tags:{key:[value]},transitive_tag_keys:[key]}");
        foreach (var claim in claims.EnumerateObject())
        {
            if (claim.Name.StartsWith(FlatPrincipalTag, StringComparison.Ordinal))
            {
                if (claim.Value.ValueKind != JsonValueKind.String) return (null, "a flattened tag is not a string");
                pairs.Add(new(claim.Name[FlatPrincipalTag.Length..], claim.Value.GetString()!));
            }
            else if (claim.Name == FlatTransitiveKeys && !ReadStrings(claim.Value, transitive))
            {
                return (null, "the transitive tag keys are not a list of strings");
            }
        }

        return Check(pairs, transitive);
    }

    private static bool ReadNested(JsonElement claim, List<KeyValuePair<string, string>> pairs, List<string> transitive)
    {
        if (claim.ValueKind != JsonValueKind.Object) return false;
        if (claim.TryGetProperty("principal_tags", out var tags))
        {
            if (tags.ValueKind != JsonValueKind.Object) return false;
            foreach (var tag in tags.EnumerateObject())
            {
                var one = new List<string>();
                if (!ReadStrings(tag.Value, one) || one.Count != 1) return false;
                pairs.Add(new(tag.Name, one[0]));
            }
        }

        return !claim.TryGetProperty("transitive_tag_keys", out var keys) || ReadStrings(keys, transitive);
    }

    private static bool ReadStrings(JsonElement list, List<string> into)
    {
        if (list.ValueKind != JsonValueKind.Array) return false;
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String) return false;
            into.Add(item.GetString()!);
        }

        return true;
    }

    [GeneratedRegex(@"^[\p{L}\p{Z}\p{N}_.:/=+\-@]*\z")]
    private static partial Regex Alphabet();
}
