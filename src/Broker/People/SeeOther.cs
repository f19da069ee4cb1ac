namespace Broker.People;

/// <summary>
/// Sends the browser to another page of the broker, to be fetched by GET (RFC 9110 §15.4.4). The address is relative:
/// the pages may stand below a path.
/// </summary>
/// <param name="page">From the broker's own root, without a slash in front.</param>
internal sealed class SeeOther(string page) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        httpContext.Response.Headers.Location = RootOf(httpContext.Request) + page;
        httpContext.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    /// <summary>From the address of the request back to the broker's root.</summary>
    public static string RootOf(HttpRequest request)
    {
        var depth = request.Path.Value!.AsSpan(1).Count('/');
        return depth == 0 ? "./" : string.Concat(Enumerable.Repeat("../", depth));
    }
}
