using Broker.Foundation.Results;
using Serilog;
using Serilog.AspNetCore;
using Serilog.Events;

namespace Broker.Http;

/// <summary>
/// One line a request: method, route template, status, refusal code, duration, request id and the actor's shortened
/// omni (a hash). Never a path with variables, a query, an address or a bearer. Health, readiness and metrics are asked
/// all the time and are told at debug.
/// </summary>
internal static class RequestLog
{
    private static readonly object CodeKey = new(), ActorKey = new();

    /// <summary>Names the refusal that the request is answered with.</summary>
    public static void NoteRefusal(this HttpContext http, RefusalCode code) => http.Items[CodeKey] = code.Text;

    /// <summary>Names the actor that was authenticated.</summary>
    public static void NoteActor(this HttpContext http, string actor) => http.Items[ActorKey] = actor;

    public static void UseRequestLog(this WebApplication app)
    {
        // The level is set at the start. Where no line can come of it, no request pays for the making of one.
        var logger = app.Services.GetRequiredService<Serilog.ILogger>();
        if (logger.IsEnabled(LogEventLevel.Information)) app.UseSerilogRequestLogging(log => Configure(log, logger));
    }

    private static void Configure(RequestLoggingOptions log, Serilog.ILogger logger)
    {
        log.Logger = logger;
        log.GetLevel = (http, _, _) =>
            RouteOf(http) is "/healthz" or "/readyz" or "/metrics" ? LogEventLevel.Debug : LogEventLevel.Information;
        log.MessageTemplate =
            "{Method} {Route} {Status} {Code} {Milliseconds} ms, request {RequestId}, actor {Actor}";
        log.GetMessageTemplateProperties = Describe;
    }

    /// <summary>Takes the place of the library's own properties, the path among them.</summary>
    private static IEnumerable<LogEventProperty> Describe(HttpContext http, string path, double took, int status)
    {
        var code = http.Items.TryGetValue(CodeKey, out var refusal) ? (string)refusal! : "ok";
        var actor = http.Items.TryGetValue(ActorKey, out var known) ? ((string)known!)[..16] : "-";
        return
        [
            Of("Method", http.Request.Method), Of("Route", RouteOf(http)), Of("Status", status), Of("Code", code),
            Of("Milliseconds", Math.Round(took, 1)), Of("RequestId", http.RequestId()), Of("Actor", actor),
            Of("SourceContext", "Broker.Request"),
        ];
    }

    /// <summary>The route's template, without what stands in its variables.</summary>
    internal static string RouteOf(HttpContext http) =>
        (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(none)";

    private static LogEventProperty Of(string name, object value) => new(name, new ScalarValue(value));
}
