using System.Diagnostics.CodeAnalysis;
using Broker.LocalCloud.Http;

namespace Broker.LocalCloud.S3;

/// <summary>What an S3 request is about: <c>/bucket/key</c> of the raw path, and its query.</summary>
/// <param name="Bucket">Empty for the service itself.</param>
/// <param name="Key">Percent-decoded, otherwise as sent; empty for the bucket itself.</param>
internal sealed record S3Request(
    string Method, string Bucket, string Key, IReadOnlyDictionary<string, string> Query, string Path)
{
    /// <summary>False when the target is not well formed or names a query parameter twice.</summary>
    public static bool TryRead(HttpRequest http, [NotNullWhen(true)] out S3Request? request)
    {
        var target = RawTarget.Of(http);
        request = null;
        var query = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in target.Parameters())
        {
            if (!query.TryAdd(name, value)) return false;
        }

        var path = target.Path.TrimStart('/').Length == 0 ? "" : target.Path[1..];
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var bucket = slash < 0 ? path : path[..slash];
        var key = slash < 0 ? "" : Uri.UnescapeDataString(path[(slash + 1)..]);
        request = new(http.Method, Uri.UnescapeDataString(bucket), key, query, target.Path);
        return !key.Contains('\0', StringComparison.Ordinal);
    }
}
