using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Broker.Listening;

/// <summary>
/// HEAD wherever GET (RFC 9110 §9.1, §9.3.2): the request runs as a GET whose body is counted and dropped, so that
/// status and headers, <c>Content-Length</c> included, are those of GET.
/// </summary>
public static class HeadRequests
{
    internal static Task AnswerAsync(HttpContext http, RequestDelegate next) =>
        HttpMethods.IsHead(http.Request.Method) ? AnswerWithoutBodyAsync(http, next) : next(http);

    /// <summary>
    /// True where the request came as HEAD: what a GET uses up, as the state of a sign-in, a HEAD must leave alone.
    /// </summary>
    public static bool IsHead(HttpContext http) => http.Features.Get<HeadRequest>() is not null;

    private static async Task AnswerWithoutBodyAsync(HttpContext http, RequestDelegate next)
    {
        var sent = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var dropped = new CountedStream();
        var body = new StreamResponseBodyFeature(dropped, sent);
        http.Features.Set<IHttpResponseBodyFeature>(body);
        http.Features.Set(HeadRequest.Instance);
        http.Request.Method = HttpMethods.Get;
        try
        {
            await next(http);
            await body.CompleteAsync();
        }
        finally
        {
            http.Request.Method = HttpMethods.Head;
            http.Features.Set(sent);
        }

        var response = http.Response;
        if (response.HasStarted) return;
        if (dropped.Length > 0) response.ContentLength ??= dropped.Length;
        if (response.StatusCode == StatusCodes.Status405MethodNotAllowed) NameHeadToo(response);
    }

    private static void NameHeadToo(HttpResponse response)
    {
        var allowed = response.Headers.Allow.ToString();
        if (allowed.Contains(HttpMethods.Get, StringComparison.Ordinal)) response.Headers.Allow = $"{allowed}, HEAD";
    }

    /// <summary>Marks the request.</summary>
    private sealed class HeadRequest
    {
        public static readonly HeadRequest Instance = new();
    }

    /// <summary>Takes everything, keeps only how much it was.</summary>
    private sealed class CountedStream : Stream
    {
        private long _length;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _length;

        public override long Position
        {
            get => _length;
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Write(byte[] buffer, int offset, int count) => _length += count;

        public override void Write(ReadOnlySpan<byte> buffer) => _length += buffer.Length;

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _length += buffer.Length;
            return ValueTask.CompletedTask;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
