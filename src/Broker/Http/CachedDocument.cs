using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Broker.Http;

/// <summary>
/// A public JSON document that is written once: cacheable for five minutes, with an entity tag.
/// </summary>
internal sealed class CachedDocument(byte[] document)
{
    // Short enough that an announced key is known well before it signs.
    private const string Cacheable = "public, max-age=300";

    private readonly string _entityTag = $"\"{Convert.ToHexStringLower(SHA256.HashData(document).AsSpan(0, 16))}\"";

    public async Task AnswerAsync(HttpContext http)
    {
        http.Response.Headers.CacheControl = Cacheable;
        http.Response.Headers.ETag = _entityTag;
        if (IsKnown(http.Request))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        http.Response.ContentType = "application/json";
        http.Response.ContentLength = document.Length;
        await http.Response.Body.WriteAsync(document, http.RequestAborted);
    }

    private bool IsKnown(HttpRequest request) =>
        EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var tags)
        && tags.Any(tag => tag.Tag == "*" || tag.Tag == _entityTag);
}
