namespace Broker.LocalCloud.Http;

/// <summary>
/// One line for each request: method, path, status. Never the query or a header: those hold signatures and tokens.
/// A fault of our own is logged here with its cause, and answered with a bare 500.
/// </summary>
internal sealed partial class RequestLog(RequestDelegate next, ILogger<RequestLog> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (BadHttpRequestException bad)
        {
            http.Response.StatusCode = bad.StatusCode;
        }
        catch (Exception fault) when (!http.Response.HasStarted)
        {
            Failed(log, fault, http.Request.Method, http.Request.Path);
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }

        Answered(log, http.Request.Method, http.Request.Path, http.Response.StatusCode);
    }

    [LoggerMessage(1, LogLevel.Information, "{Method} {Path} {Status}")]
    private static partial void Answered(ILogger log, string method, string path, int status);

    [LoggerMessage(2, LogLevel.Error, "{Method} {Path} failed")]
    private static partial void Failed(ILogger log, Exception fault, string method, string path);
}
