using System.Text.Json;

namespace Broker.KmsAuthorizer.Policy;

/// <summary>
/// Looks for what a policy's author meant and a reader would pass over: two apps of one id, and an unknown member that
/// looks like a misspelt or misplaced one. A misspelt <c>devices</c> would restrict nothing, so such a policy counts as malformed.
/// Other unknown members, a comment for one, are ignored as auth-simple ignores them.
/// </summary>
internal static class PolicyMembers
{
    private static readonly string[] OfPolicy =
    [
        "gatewayAppId", "kmsContractAddr", "chainId", "appImplementation", "allowedTcbStatuses", "allowedAdvisoryIds",
        "osImages", "kms", "apps",
    ];

    private static readonly string[] OfKms = ["mrAggregated", "devices", "allowAnyDevice"];
    private static readonly string[] OfApp = ["composeHashes", "devices", "allowAnyDevice"];
    private static readonly string[] All = [.. OfPolicy, .. OfKms, .. OfApp];

    /// <summary>What a restriction is about; a member that speaks of it is meant to be one.</summary>
    private static readonly string[] Stems =
    [
        "device", "tcb", "advisor", "image", "compose", "hash", "aggregat", "measure", "allow", "deny", "denied",
        "forbid", "block", "permit", "restrict", "require", "whitelist", "revoke",
    ];

    /// <summary>What makes the document no policy, in words for an operator; null when nothing does.</summary>
    public static string? Fault(JsonElement policy)
    {
        if (policy.ValueKind is not JsonValueKind.Object) return null;
        return Unknown(policy, OfPolicy, "the policy")
            ?? (policy.TryGetProperty("kms", out var kms) ? Unknown(kms, OfKms, "kms") : null)
            ?? (policy.TryGetProperty("apps", out var apps) ? OfApps(apps) : null);
    }

    private static string? OfApps(JsonElement apps)
    {
        if (apps.ValueKind is not JsonValueKind.Object) return null;
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var app in apps.EnumerateObject())
        {
            if (!ids.Add(HexText.Normal(app.Name))) return $"apps has {app.Name} twice, in different spellings";
            if (Unknown(app.Value, OfApp, $"the app {app.Name}") is { } fault) return fault;
        }

        return null;
    }

    private static string? Unknown(JsonElement element, string[] known, string where)
    {
        if (element.ValueKind is not JsonValueKind.Object) return null;
        foreach (var member in element.EnumerateObject())
        {
            if (known.Contains(member.Name, StringComparer.Ordinal)) continue;
            if (Meant(member.Name, known) is { } meant)
                return $"{where} has the unknown member {member.Name}, which looks like {meant}";
        }

        return null;
    }

    /// <summary>What the unknown <paramref name="name"/> looks like; null for a name of its own.</summary>
    private static string? Meant(string name, string[] known)
    {
        var plain = Letters(name);

        // The members of this place first: they make the better advice.
        string[] candidates = [.. known, .. All];
        if (Array.Find(candidates, candidate => IsNear(plain, Letters(candidate))) is { } near) return near;
        return Array.Exists(Stems, stem => plain.Contains(stem, StringComparison.Ordinal)) ? "a restriction" : null;
    }

    /// <summary>Case, digits and signs do not tell two names apart for a reader.</summary>
    private static string Letters(string name) =>
        string.Concat(name.Where(char.IsAsciiLetter).Select(char.ToLowerInvariant));

    /// <summary>Two slips of the pen at most; in a short name one.</summary>
    private static bool IsNear(string name, string known) =>
        Math.Abs(name.Length - known.Length) <= 2 && Distance(name, known) <= (known.Length > 4 ? 2 : 1);

    /// <summary>Insertions, deletions, replacements and swaps of neighbours that lead from one to the other.</summary>
    private static int Distance(string from, string to)
    {
        var distances = new int[from.Length + 1][];
        for (var i = 0; i <= from.Length; i++)
        {
            distances[i] = new int[to.Length + 1];
            distances[i][0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                distances[i][j] = i == 0 ? j : Math.Min(
                    distances[i - 1][j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1),
                    Math.Min(distances[i - 1][j], distances[i][j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    distances[i][j] = Math.Min(distances[i][j], distances[i - 2][j - 2] + 1);
            }
        }

        return distances[from.Length][to.Length];
    }
}
