using System.Diagnostics;
using Broker.Foundation.Results;

namespace Broker.Http;

/// <summary>
/// One line a request: method, route template, status, refusal code, duration, request id and the actor's shortened
/// omni (a hash). Never a path with variables, a query, an address or a bearer. Health, readiness and metrics are asked
/// all the time and are told at debug.
/// </summary>
internal static partial class RequestLog
{
    private static readonly object CodeKey = new(), ActorKey = new();

    /// <summary>Names the refusal that the request is answered with.</summary>
    public static void NoteRefusal(this HttpContext http, RefusalCode code) => http.Items[CodeKey] = code.Text;

    /// <summary>Names the actor that was authenticated.</summary>
    public static void NoteActor(this HttpContext http, string actor) => http.Items[ActorKey] = actor;

    public static void UseRequestLog(this WebApplication app)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Broker.Request");
        app.Use(async (http, next) =>
        {
            var began = Stopwatch.GetTimestamp();
            try
            {
                await next(http);
            }
            finally
            {
                Write(log, http, Stopwatch.GetElapsedTime(began));
            }
        });
    }

    private static void Write(ILogger log, HttpContext http, TimeSpan took)
    {
        var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(none)";
        var level = route is "/healthz" or "/readyz" or "/metrics" ? LogLevel.Debug : LogLevel.Information;
        if (!log.IsEnabled(level)) return;
        var code = http.Items.TryGetValue(CodeKey, out var refusal) ? (string)refusal! : "ok";
        var actor = http.Items.TryGetValue(ActorKey, out var known) ? ((string)known!)[..16] : "-";
        LogRequest(log, level, http.Request.Method, route, http.Response.StatusCode, code,
            Math.Round(took.TotalMilliseconds, 1), http.RequestId(), actor);
    }

    [LoggerMessage(
        Message = "{Method} {Route} {Status} {Code} {Milliseconds} ms, request {RequestId}, actor {Actor}")]
    private static partial void LogRequest(
        ILogger log, LogLevel level, string method, string route, int status, string code, double milliseconds,
        string requestId, string actor);
}
