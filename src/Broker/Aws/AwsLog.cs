namespace Broker.Aws;

/// <summary>What the way to AWS tells in the log.</summary>
internal static partial class AwsLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "STS failed for request {RequestId}: {Reason}")]
    public static partial void StsFailed(ILogger log, string requestId, string reason);

    /// <summary>At debug only: the text is STS's own.</summary>
    [LoggerMessage(Level = LogLevel.Debug, Message = "STS refused with {Code}: {Text}")]
    public static partial void Refused(ILogger log, string code, string text);

    [LoggerMessage(Level = LogLevel.Debug, Message = "STS could not be reached")]
    public static partial void Unreachable(ILogger log, Exception fault);
}
