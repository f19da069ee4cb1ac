using Broker.Foundation.Results;
using Broker.Modules;

namespace Broker.Http;

/// <summary>
/// The outermost layer: turns what went wrong into the one error shape. Refusals are values and do not pass here;
/// exceptions are lost infrastructure, which its module explains, or bugs (500, logged with their trace, nothing internal
/// told).
/// </summary>
internal static partial class FaultAnswers
{
    public static void UseFaultAnswers(this WebApplication app, IReadOnlyList<BrokerModule> modules)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Broker.Http");
        app.Use(async (http, next) =>
        {
            try
            {
                await next(http);
            }
            catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (!http.Response.HasStarted)
            {
                var refusal = Refuse(fault, modules);
                if (refusal.Code.Status >= 500)
                    LogFault(log, refusal.Code.Text, RequestLog.RouteOf(http), http.RequestId(), fault);
                http.Response.Clear();
                http.Response.Headers[RequestIds.Header] = http.RequestId();
                await ErrorAnswer.WriteAsync(http, refusal);
                return;
            }

            if (UnansweredRoute(http) is { } nothing) await ErrorAnswer.WriteAsync(http, nothing);
        });
    }

    private static Refusal Refuse(Exception fault, IReadOnlyList<BrokerModule> modules) =>
        modules.Select(module => module.Explain(fault)).FirstOrDefault(refusal => refusal is not null)
            ?? new Refusal(HttpRefusals.Internal, "an internal error; it is in the log under the request id");

    private static Refusal? UnansweredRoute(HttpContext http) =>
        http.Response is { HasStarted: false, ContentLength: null, ContentType: null } response
        ? response.StatusCode switch
        {
            StatusCodes.Status404NotFound => new Refusal(HttpRefusals.NotFound, "no such route"),
            StatusCodes.Status415UnsupportedMediaType =>
                new Refusal(HttpRefusals.UnsupportedMediaType, "the body must be application/json"),
            StatusCodes.Status405MethodNotAllowed =>
                new Refusal(HttpRefusals.MethodNotAllowed, $"{http.Request.Method} is not allowed here"),
            _ => null,
        }
        : null;

    [LoggerMessage(Level = LogLevel.Error, Message = "{Code} on {Route}, request {RequestId}")]
    private static partial void LogFault(ILogger log, string code, string route, string requestId, Exception fault);
}
