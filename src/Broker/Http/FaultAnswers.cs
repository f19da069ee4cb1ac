using Broker.Ledger;
using Microsoft.Data.Sqlite;

namespace Broker.Http;

/// <summary>
/// The outermost layer: turns what went wrong into the one error shape. Refusals are values and do not pass here;
/// exceptions are lost infrastructure (answered 5xx by kind) or bugs (500, logged with their trace, nothing internal
/// told).
/// </summary>
internal static partial class FaultAnswers
{
    public static void UseFaultAnswers(this WebApplication app)
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
                var refusal = Refuse(fault);
                if (RefusalCatalog.Of(refusal.Code).Status >= 500)
                    LogFault(log, refusal.Code, http.Request.Path, http.RequestId(), fault);
                http.Response.Clear();
                http.Response.Headers[RequestIds.Header] = http.RequestId();
                await ErrorAnswer.WriteAsync(http, refusal);
                return;
            }

            if (UnansweredRoute(http) is { } nothing) await ErrorAnswer.WriteAsync(http, nothing);
        });
    }

    private static Refusal Refuse(Exception fault) => fault switch
    {
        LedgerUnavailableException { Fault: LedgerFault.Busy } busy =>
            new Refusal(RefusalCode.LedgerBusy, "the ledger's queue is full; nothing was released")
            {
                RetryAfter = busy.RetryAfter,
            },
        LedgerUnavailableException { Fault: LedgerFault.WriteFailed } =>
            new Refusal(RefusalCode.LedgerWriteFailed,
                "the ledger could not be written; refusing to release credentials"),
        LedgerUnavailableException { Fault: LedgerFault.NotAnchored } =>
            new Refusal(RefusalCode.AnchorWriteFailed,
                "audit anchor write failed; refusing to release credentials"),
        LedgerUnavailableException slow =>
            new Refusal(RefusalCode.LedgerTimedOut, "the ledger did not answer in time; nothing was released")
            {
                RetryAfter = slow.RetryAfter,
            },
        SqliteException =>
            new Refusal(RefusalCode.StateUnavailable, "the state database cannot be used now")
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            },
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            new Refusal(RefusalCode.BodyTooLarge, "the request body is larger than BROKER_REQUEST_BODY_LIMIT_BYTES"),
        BadHttpRequestException => new Refusal(RefusalCode.MalformedJson, "the request could not be read"),
        _ => new Refusal(RefusalCode.Internal, "an internal error; it is in the log under the request id"),
    };

    private static Refusal? UnansweredRoute(HttpContext http) =>
        http.Response is { HasStarted: false, ContentLength: null, ContentType: null } response
        ? response.StatusCode switch
        {
            StatusCodes.Status404NotFound => new Refusal(RefusalCode.NotFound, "no such route"),
            StatusCodes.Status415UnsupportedMediaType =>
                new Refusal(RefusalCode.UnsupportedMediaType, "the body must be application/json"),
            StatusCodes.Status405MethodNotAllowed =>
                new Refusal(RefusalCode.MethodNotAllowed, $"{http.Request.Method} is not allowed here"),
            _ => null,
        }
        : null;

    [LoggerMessage(Level = LogLevel.Error, Message = "{Code} on {Path}, request {RequestId}")]
    private static partial void LogFault(ILogger log, RefusalCode code, string path, string requestId, Exception fault);
}
