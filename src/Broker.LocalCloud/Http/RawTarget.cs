using Microsoft.AspNetCore.Http.Features;

namespace Broker.LocalCloud.Http;

/// <summary>
/// The request target exactly as the client sent it. SigV4 signs these bytes, and S3 keys may hold <c>//</c>,
/// <c>..</c> and escapes, all of which the server's own <see cref="HttpRequest.Path"/> has already rewritten.
/// </summary>
internal readonly record struct RawTarget(string Path, string Query)
{
    /// <param name="request">A request of an HTTP server, whose target is a path or an absolute address.</param>
    public static RawTarget Of(HttpRequest request)
    {
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!target.StartsWith('/') && Uri.TryCreate(target, UriKind.Absolute, out var absolute))
            target = absolute.PathAndQuery;
        var question = target.IndexOf('?', StringComparison.Ordinal);
        return question < 0 ? new(target, "") : new(target[..question], target[(question + 1)..]);
    }

    /// <summary>
    /// The query's parameters in the order sent, names and values percent-decoded; <c>+</c> stands for itself.
    /// </summary>
    public IEnumerable<KeyValuePair<string, string>> Parameters()
    {
        foreach (var pair in Query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? pair : pair[..equals];
            var value = equals < 0 ? "" : pair[(equals + 1)..];
            yield return new(Uri.UnescapeDataString(name), Uri.UnescapeDataString(value));
        }
    }
}
