using System.Net;
using Broker.Configuration;
using Broker.SigningKeys;

namespace Broker.Operations;

/// <summary>What an operator should read in the log of a start.</summary>
internal static partial class StartupNotes
{
    public static void Log(WebApplication app, BootEnvironment boot)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Broker.Startup");
        var options = app.Services.GetRequiredService<BrokerOptions>();
        foreach (var name in boot.UnknownNames) LogUnknownSetting(log, name);
        if (options.Operations.DevelopmentMode) LogDevelopmentMode(log);
        if (!IPAddress.IsLoopback(options.Listen.Address)) LogClearText(log);
        foreach (var key in app.Services.GetRequiredService<KeyRing>().Published.Where(key => key.NotKept is not null))
            LogCertificateNotKept(log, key.NotKept!);
        app.Lifetime.ApplicationStarted.Register(() => LogListening(log, string.Join(", ", app.Urls)));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "broker listening on {Addresses}")]
    private static partial void LogListening(ILogger log, string addresses);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Name} is set, but is not a setting of this broker")]
    private static partial void LogUnknownSetting(ILogger log, string name);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "BROKER_DEV_MODE is on: http issuer allowed, key files created, limits off. Never on a public host.")]
    private static partial void LogDevelopmentMode(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the x5c certificate is made anew at each start: {Reason}")]
    private static partial void LogCertificateNotKept(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "broker is binding to a non-loopback address without TLS. Bearer tokens and minted AWS credentials "
            + "will traverse the network in cleartext. Terminate TLS at a reverse proxy (nginx, ALB, Traefik) before "
            + "exposing the broker.")]
    private static partial void LogClearText(ILogger log);
}
