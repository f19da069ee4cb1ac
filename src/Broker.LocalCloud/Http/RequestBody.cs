using Microsoft.AspNetCore.Http.Features;

namespace Broker.LocalCloud.Http;

/// <summary>Reads a request's body whole, never more than a stated number of bytes.</summary>
internal static class RequestBody
{
    /// <returns>The body, or null when it is longer than <paramref name="limit"/> bytes.</returns>
    public static async Task<byte[]?> ReadAsync(HttpRequest request, long limit, CancellationToken stop)
    {
        if (request.ContentLength > limit) return null;
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;

        using var body = new MemoryStream((int)Math.Min(request.ContentLength ?? 0, limit));
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(chunk, stop)) > 0)
        {
            if (body.Length + read > limit) return null;
            await body.WriteAsync(chunk.AsMemory(0, read), stop);
        }

        return body.ToArray();
    }
}
