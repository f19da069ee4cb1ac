using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Kms.Tls;

/// <summary>
/// The process's own logging without what the framework says of a start that failed: the KMS says that itself, in one
/// line that names the setting.
/// </summary>
internal sealed class ListenerLogs(ILoggerFactory logs) : ILoggerFactory
{
    private const string StartOfHost = "Microsoft.Extensions.Hosting.Internal.Host";

    public ILogger CreateLogger(string categoryName) =>
        categoryName == StartOfHost ? NullLogger.Instance : logs.CreateLogger(categoryName);

    public void AddProvider(ILoggerProvider provider) => logs.AddProvider(provider);

    public void Dispose()
    {
        // The process disposes its own.
    }
}
