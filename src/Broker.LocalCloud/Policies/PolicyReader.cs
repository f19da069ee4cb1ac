using System.Text.Json;

namespace Broker.LocalCloud.Policies;

/// <summary>
/// IAM's policy grammar, strictly: an unknown element, a duplicate one, or one that does not belong into this kind of
/// policy is a fault, since a misspelt condition would otherwise allow more than was meant.
/// </summary>
internal static class PolicyReader
{
    private const string CurrentVersion = "2012-10-17";
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <exception cref="FormatException">The policy is not of IAM's grammar.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static PolicyDocument Read(string text, PolicyKind kind)
    {
        using var json = JsonDocument.Parse(text, Strict);
        var root = json.RootElement;
        Allow(root, "the policy", "Version", "Id", "Statement");
        var version = root.TryGetProperty("Version", out var given) ? given.GetString() : "2008-10-17";
        if (version is not (CurrentVersion or "2008-10-17"))
            throw new FormatException("the Version is not one of IAM's");
        if (!root.TryGetProperty("Statement", out var statements)) throw new FormatException("Statement is missing");
        var read = Items(statements).Select(item => Statement(item, kind, version == CurrentVersion)).ToArray();
        return read.Length > 0 ? new(read) : throw new FormatException("there is no statement");
    }

    private static PolicyStatement Statement(JsonElement item, PolicyKind kind, bool variables)
    {
        Allow(item, "a statement", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource",
            "NotResource", "Condition");
        var effect = item.TryGetProperty("Effect", out var given) ? given.GetString() : null;
        if (effect is not ("Allow" or "Deny")) throw new FormatException("Effect is not Allow or Deny");

        var principals = Either(item, "Principal", "NotPrincipal") is { } who
            ? Principals(who.Element, who.Inverted)
            : null;
        if (principals is null == (kind != PolicyKind.Identity))
            throw new FormatException(principals is null ? "Principal is missing" : "Principal does not belong here");
        var actions = Either(item, "Action", "NotAction") ?? throw new FormatException("Action is missing");
        var resources = Either(item, "Resource", "NotResource");
        if (resources is null == (kind != PolicyKind.Trust))
            throw new FormatException(resources is null ? "Resource is missing" : "Resource does not belong here");

        return new(
            effect == "Allow", principals, Patterns(actions, variables: false),
            resources is { } where ? Patterns(where, variables) : null, Conditions(item, variables));
    }

    private static PatternList Patterns((JsonElement Element, bool Inverted) given, bool variables)
    {
        var patterns = Texts(given.Element).Select(text => new PolicyText(text, variables)).ToArray();
        return patterns.Length > 0 ? new(patterns, given.Inverted) : throw new FormatException("a list is empty");
    }

    private static PrincipalList Principals(JsonElement given, bool inverted)
    {
        if (given.ValueKind == JsonValueKind.String)
            return given.GetString() == "*"
                ? new([("*", "*")], inverted)
                : throw new FormatException("Principal is not \"*\"");
        Allow(given, "Principal", "AWS", "Federated", "Service", "CanonicalUser");
        var entries = given.EnumerateObject()
            .SelectMany(type => Texts(type.Value), (type, value) => (type.Name, value))
            .ToArray();
        return entries.Length > 0 ? new(entries, inverted) : throw new FormatException("Principal is empty");
    }

    private static Condition[] Conditions(JsonElement item, bool variables)
    {
        if (!item.TryGetProperty("Condition", out var given)) return [];
        return
        [
            .. from operation in Members(given)
               from key in Members(operation.Value)
               select new Condition(
                   operation.Name, key.Name, [.. Texts(key.Value).Select(text => new PolicyText(text, variables))]),
        ];
    }

    private static (JsonElement Element, bool Inverted)? Either(JsonElement item, string plain, string inverted)
    {
        var hasPlain = item.TryGetProperty(plain, out var element);
        if (!item.TryGetProperty(inverted, out var other)) return hasPlain ? (element, false) : null;
        return hasPlain ? throw new FormatException($"{plain} and {inverted} exclude each other") : (other, true);
    }

    private static JsonElement.ObjectEnumerator Members(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object
            ? element.EnumerateObject()
            : throw new FormatException("an object was expected");

    private static void Allow(JsonElement element, string what, params ReadOnlySpan<string> names)
    {
        foreach (var member in Members(element))
        {
            if (!names.Contains(member.Name))
                throw new FormatException($"{what} has an unknown element \"{member.Name}\"");
        }
    }

    /// <summary>One thing or a list of things: IAM lets both stand.</summary>
    private static JsonElement[] Items(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray()] : [element];

    private static IEnumerable<string> Texts(JsonElement element) => Items(element).Select(item => item.ValueKind switch
    {
        JsonValueKind.String => item.GetString()!,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => item.GetRawText(),
        _ => throw new FormatException("a text was expected"),
    });
}
