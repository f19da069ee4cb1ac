using System.Text;

namespace Broker.LocalCloud.Policies;

/// <summary>
/// A string of a policy in which <c>*</c> and <c>?</c> may stand for other text and <c>${key}</c> for a value of the
/// request. What a variable brings in is plain text: a <c>*</c> in a tag's value matches only a <c>*</c>.
/// Variables: <c>${aws:PrincipalTag/x}</c> and any other condition key with one value, <c>${key, 'default'}</c>, and
/// <c>${*}</c>, <c>${?}</c>, <c>${$}</c> for the characters themselves (IAM User Guide, "Variables and tags").
/// </summary>
internal sealed class PolicyText
{
    private readonly List<Part> _parts = [];

    /// <param name="variables">False in policies older than version 2012-10-17, where <c>${</c> means itself.</param>
    /// <exception cref="FormatException">A variable is not closed, or its default is not quoted.</exception>
    public PolicyText(string text, bool variables)
    {
        Text = text;
        for (var at = 0; at < text.Length; at++)
        {
            if (variables && text.AsSpan(at).StartsWith("${", StringComparison.Ordinal))
            {
                var end = text.IndexOf('}', at);
                if (end < 0) throw new FormatException($"the variable in \"{text}\" is not closed");
                _parts.Add(Variable(text[(at + 2)..end]));
                at = end;
            }
            else
            {
                var wild = text[at] is '*' or '?';
                _parts.Add(new Part(text[at], wild, null, null));
            }
        }
    }

    public string Text { get; }

    /// <summary>
    /// True when the text, with variables filled in and wildcards taken as themselves, equals the value.
    /// </summary>
    public bool Equals(string value, AccessRequest request, StringComparison comparison)
    {
        if (Fill(request) is not { } glyphs) return false;
        var filled = new StringBuilder(glyphs.Count);
        foreach (var glyph in glyphs) filled.Append(glyph.Character);
        return string.Equals(filled.ToString(), value, comparison);
    }

    /// <summary>
    /// True when the value matches the text with its wildcards. A variable that the request cannot fill matches
    /// nothing.
    /// </summary>
    public bool IsLike(string value, AccessRequest request, bool ignoreCase = false) =>
        Fill(request) is { } glyphs && Matches(glyphs, value, ignoreCase);

    private static Part Variable(string inside)
    {
        if (inside is "*" or "?" or "$") return new(inside[0], false, null, null);
        var comma = inside.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0) return new('\0', false, inside.Trim(), null);
        var quoted = inside[(comma + 1)..].Trim();
        if (quoted.Length < 2 || quoted[0] != '\'' || quoted[^1] != '\'')
            throw new FormatException($"the default in \"${{{inside}}}\" is not in single quotes");
        return new('\0', false, inside[..comma].Trim(), quoted[1..^1]);
    }

    private List<Glyph>? Fill(AccessRequest request)
    {
        var glyphs = new List<Glyph>(_parts.Count);
        foreach (var part in _parts)
        {
            if (part.Key is null)
            {
                glyphs.Add(new(part.Character, part.Wild));
                continue;
            }

            var value = request.Values(part.Key) is [var only] ? only : part.Default;
            if (value is null) return null;
            glyphs.AddRange(value.Select(character => new Glyph(character, false)));
        }

        return glyphs;
    }

    /// <summary>Linear in practice: on a mismatch only the last <c>*</c> takes one more character.</summary>
    private static bool Matches(List<Glyph> pattern, string value, bool ignoreCase)
    {
        var (p, v, star, resume) = (0, 0, -1, 0);
        while (v < value.Length)
        {
            if (p < pattern.Count && pattern[p] is { Wild: true, Character: '*' }) (star, resume) = (p++, v);
            else if (p < pattern.Count && Same(pattern[p], value[v], ignoreCase)) (p, v) = (p + 1, v + 1);
            else if (star >= 0) (p, v) = (star + 1, ++resume);
            else return false;
        }

        while (p < pattern.Count && pattern[p] is { Wild: true, Character: '*' }) p++;
        return p == pattern.Count;
    }

    private static bool Same(Glyph glyph, char character, bool ignoreCase) =>
        glyph.Wild
        || glyph.Character == character
        || (ignoreCase && char.ToLowerInvariant(glyph.Character) == char.ToLowerInvariant(character));

    private readonly record struct Part(char Character, bool Wild, string? Key, string? Default);

    private readonly record struct Glyph(char Character, bool Wild);
}
