namespace Broker.Sessions;

/// <summary>What sessions tell in the log.</summary>
internal static partial class SessionsLog
{
    /// <summary>At debug only: the text is the backend's own.</summary>
    [LoggerMessage(Level = LogLevel.Debug, Message = "The legacy backend answered {Status}: {Text}")]
    public static partial void BackendSaid(ILogger log, int status, string text);
}
