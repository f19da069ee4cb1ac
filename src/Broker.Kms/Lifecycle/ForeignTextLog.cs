using Microsoft.Extensions.Logging;

namespace Broker.Kms.Lifecycle;

/// <summary>Where the words of foreign servers go that parts without a log of their own meet: the debug level.</summary>
internal static partial class ForeignTextLog
{
    /// <summary>Null where nobody would read them, so that nobody prepares them.</summary>
    public static Action<string>? Of<T>(ILoggerFactory logs)
    {
        var log = logs.CreateLogger<T>();
        return log.IsEnabled(LogLevel.Debug) ? text => LogSaid(log, text) : null;
    }

    [LoggerMessage(LogLevel.Debug, "Not usable: {Text}")]
    private static partial void LogSaid(ILogger log, string text);
}
