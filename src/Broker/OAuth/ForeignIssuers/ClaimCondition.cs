using System.Text.Json;

namespace Broker.OAuth.ForeignIssuers;

/// <summary>
/// What one claim must be. A text is compared whole; one <c>*</c> in it stands for one or more characters: at the end
/// for any, elsewhere for any but <c>/</c> and <c>:</c>, so that it does not run over into the next part of a name. A
/// number or a truth value is compared as a JSON value. A claim that is a list must contain what is wanted.
/// </summary>
/// <param name="Path">The claim's name, and the names inside it.</param>
internal sealed record ClaimCondition(IReadOnlyList<string> Path, JsonElement Wanted)
{
    private const int LongestPath = 8;
    private const int LongestText = 512;

    /// <summary>The condition's text; null where it wants a number or a truth value.</summary>
    public string? Text { get; } = Wanted.ValueKind == JsonValueKind.String ? Wanted.GetString() : null;

    /// <summary>What comes before the <c>*</c>; the whole text where there is none.</summary>
    public string Fixed => Text is null ? "" : Text.IndexOf('*') is >= 0 and var star ? Text[..star] : Text;

    /// <summary>True where exactly one value does.</summary>
    public bool IsExact => Text?.Contains('*') != true;

    /// <summary>As people write it: <c>kubernetes.io › namespace</c>.</summary>
    public string Name => string.Join(" › ", Path);

    /// <summary>
    /// Reads <c>claims</c> of a rule: an object like the token's own, with what is wanted in the place of values.
    /// </summary>
    /// <exception cref="FormatException">It is not usable.</exception>
    public static IReadOnlyList<ClaimCondition> Read(JsonElement claims)
    {
        var found = new List<ClaimCondition>();
        Read(claims, [], found);
        return found.Count > 0 ? found : throw new FormatException("claims must name at least one claim");
    }

    public bool Holds(JsonElement claims)
    {
        var claim = claims;
        foreach (var name in Path)
        {
            if (claim.ValueKind != JsonValueKind.Object || !claim.TryGetProperty(name, out claim)) return false;
        }

        return claim.ValueKind == JsonValueKind.Array ? claim.EnumerateArray().Any(Is) : Is(claim);
    }

    private static void Read(JsonElement claims, IReadOnlyList<string> path, List<ClaimCondition> found)
    {
        if (claims.ValueKind != JsonValueKind.Object || path.Count > LongestPath)
            throw new FormatException("claims must be an object of claims and what each must be");
        foreach (var member in claims.EnumerateObject())
        {
            IReadOnlyList<string> place = [.. path, member.Name];
            if (member.Value.ValueKind == JsonValueKind.Object)
                Read(member.Value, place, found);
            else
                found.Add(Of(place, member.Value));
        }
    }

    private static ClaimCondition Of(IReadOnlyList<string> path, JsonElement wanted)
    {
        var condition = new ClaimCondition(path, wanted.Clone());
        if (wanted.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False) return condition;
        if (condition.Text is not { Length: > 0 and <= LongestText } text)
            throw new FormatException($"{condition.Name} must be a text of 1 to {LongestText} characters, a number, "
                + "true or false");
        if (text.Count(c => c == '*') > 1) throw new FormatException($"{condition.Name} may have one * at most");
        return text != "*" ? condition : throw new FormatException($"{condition.Name} would let everything pass");
    }

    private bool Is(JsonElement claim)
    {
        if (Text is not { } text) return JsonElement.DeepEquals(claim, Wanted);
        if (claim.ValueKind != JsonValueKind.String || claim.GetString() is not { } value) return false;
        var star = text.IndexOf('*', StringComparison.Ordinal);
        if (star < 0) return string.Equals(value, text, StringComparison.Ordinal);
        var (before, after) = (text[..star], text[(star + 1)..]);
        if (value.Length <= before.Length + after.Length || !value.StartsWith(before, StringComparison.Ordinal)
            || !value.EndsWith(after, StringComparison.Ordinal))
            return false;
        return after.Length == 0 || !value.AsSpan(before.Length..^after.Length).ContainsAny('/', ':');
    }
}
