using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Display;
using Serilog.Formatting.Json;

namespace Broker.Operations;

/// <summary>Structured logs on standard error, as text or JSON, redacted by <see cref="Redaction"/>.</summary>
internal static class Logging
{
    private const string Template =
        "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffZ} {Level:u4} {SourceContext} {Message:lj}{NewLine}{Exception}";

    public static void AddBrokerLogging(this IServiceCollection services, OperationsOptions options)
    {
        var level = options.LogLevel;
        Logger logger = new LoggerConfiguration()
            .MinimumLevel.Is(level)
            .MinimumLevel.Override("Microsoft", level > LogEventLevel.Warning ? level : LogEventLevel.Warning)
            .MinimumLevel.Override("System.Net.Http", level > LogEventLevel.Warning ? level : LogEventLevel.Warning)
            // It tells of whole requests below warnings, assertions among them.
            .MinimumLevel.Override("OpenIddict", level > LogEventLevel.Warning ? level : LogEventLevel.Warning)
            // It would make an Activity and a logging scope for every request, for lines that nobody is to see; faults
            // are logged by Http.
            .MinimumLevel.Override("Microsoft.AspNetCore.Hosting.Diagnostics", LevelAlias.Off)
            .Enrich.With<Redaction>()
            // What stops a start is told once, by its own line.
            .Filter.ByExcluding(entry => entry.MessageTemplate.Text == "Hosting failed to start")
            .WriteTo.Console(
                options.LogFormat == "json"
                    ? new JsonFormatter(renderMessage: true)
                    : new MessageTemplateTextFormatter(Template),
                standardErrorFromLevel: LogEventLevel.Verbose)
            .CreateLogger();
        services.AddSerilog(logger, dispose: true);
    }
}
