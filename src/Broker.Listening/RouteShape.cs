using Microsoft.AspNetCore.Routing.Patterns;

namespace Broker.Listening;

/// <summary>How the addresses of one route are written.</summary>
internal sealed class RouteShape
{
    private readonly Segment[] _segments;
    private readonly bool _catchesAll;

    public RouteShape(RoutePattern pattern)
    {
        _segments = [.. pattern.PathSegments.Select(Segment.Of)];
        _catchesAll = pattern.Parameters.Any(parameter => parameter.IsCatchAll);
        Text = "/" + string.Join('/', _segments.Select(segment => segment.Before));
    }

    /// <summary>True when the route has one address, which is <see cref="Text"/>.</summary>
    public bool IsFixed => _segments.All(segment => !segment.IsVariable);

    public string Text { get; }

    /// <summary>True when <paramref name="path"/> has this shape, byte for byte.</summary>
    public bool Matches(string path)
    {
        if (path.Length == 0 || path[0] != '/') return false;
        var rest = path.AsSpan(1);
        for (var i = 0; i < _segments.Length; i++)
        {
            var isLast = i == _segments.Length - 1;
            if (isLast && _catchesAll) return _segments[i].Matches(rest);
            var slash = rest.IndexOf('/');
            if (isLast != slash < 0) return false;
            if (!_segments[i].Matches(isLast ? rest : rest[..slash])) return false;
            if (!isLast) rest = rest[(slash + 1)..];
        }

        return _segments.Length > 0;
    }

    /// <summary>Fixed text, or a variable part between fixed texts.</summary>
    private readonly record struct Segment(string Before, bool IsVariable, string After)
    {
        public static Segment Of(RoutePatternPathSegment segment)
        {
            var before = "";
            var after = "";
            var isVariable = false;
            foreach (var part in segment.Parts)
            {
                var text = part switch
                {
                    RoutePatternLiteralPart literal => literal.Content,
                    RoutePatternSeparatorPart separator => separator.Content,
                    _ => null,
                };
                if (text is null) isVariable = true;
                else if (isVariable) after += text;
                else before += text;
            }

            return new Segment(before, isVariable, after);
        }

        public bool Matches(ReadOnlySpan<char> text) => IsVariable
            ? text.Length > Before.Length + After.Length
                && text.StartsWith(Before, StringComparison.Ordinal) && text.EndsWith(After, StringComparison.Ordinal)
            : text.SequenceEqual(Before);
    }
}
