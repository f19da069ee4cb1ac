using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Broker.Listening;

/// <summary>
/// The addresses that the routes of one listener have. Paths are compared byte for byte (RFC 3986 §6.2.2.1: they are
/// case-sensitive), as a proxy in front compares them; routing itself would take other cases and a trailing slash.
/// </summary>
internal sealed class RouteSpellings
{
    private readonly FrozenSet<string> _fixed;
    private readonly RouteShape[] _variable;

    private RouteSpellings(IEnumerable<RouteShape> shapes)
    {
        var all = shapes.ToArray();
        _fixed = all.Where(shape => shape.IsFixed).Select(shape => shape.Text).ToFrozenSet(StringComparer.Ordinal);
        _variable = [.. all.Where(shape => !shape.IsFixed)];
    }

    public static RouteSpellings Of(IEndpointRouteBuilder routes) => new(routes.DataSources
        .SelectMany(source => source.Endpoints)
        .OfType<RouteEndpoint>()
        .Select(endpoint => new RouteShape(endpoint.RoutePattern)));

    /// <summary>
    /// True when the request's path is an address of a route, and was sent as it is written here. No address of ours
    /// needs an escape. The server leaves <c>%2F</c> as it is, so an escape can be in a path that was not changed.
    /// </summary>
    public bool Has(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "";
        var sent = http.Features.Get<IHttpRequestFeature>()?.RawTarget;
        return (string.IsNullOrEmpty(sent) || PathOf(sent).SequenceEqual(path))
            && !path.Contains('%', StringComparison.Ordinal) && Has(path);
    }

    private bool Has(string path)
    {
        if (_fixed.Contains(path)) return true;
        foreach (var shape in _variable)
        {
            if (shape.Matches(path)) return true;
        }

        return false;
    }

    /// <summary>
    /// The path of a request target as it was sent: of the origin form, or of the absolute form that a server must
    /// take too (RFC 9112 §3.2.2). Nothing is decoded.
    /// </summary>
    private static ReadOnlySpan<char> PathOf(string target)
    {
        var path = target.AsSpan();
        if (path[0] != '/' && path.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme)
        {
            path = path[(scheme + 3)..];
            path = path.IndexOf('/') is >= 0 and var authority ? path[authority..] : "/";
        }

        return path.IndexOf('?') is >= 0 and var query ? path[..query] : path;
    }
}
