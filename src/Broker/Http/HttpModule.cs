using System.Net;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Modules;

namespace Broker.Http;

/// <summary>The listener, and what holds for every route.</summary>
internal sealed partial class HttpModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => HttpSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => HttpRefusals.All;

    public override void Read(ModuleStart start) => start.Read(ListenOptions.Read);

    public override Refusal? Explain(Exception fault) => fault switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            new Refusal(HttpRefusals.BodyTooLarge, "the request body is larger than BROKER_REQUEST_BODY_LIMIT_BYTES"),
        BadHttpRequestException => new Refusal(HttpRefusals.MalformedJson, "the request could not be read"),
        _ => null,
    };

    public override void Map(WebApplication app)
    {
        app.MapApiDocument();
        app.MapApiPage();
    }

    public override void Note(IServiceProvider services, ILogger log)
    {
        if (!IPAddress.IsLoopback(services.GetRequiredService<ListenOptions>().Address)) LogClearText(log);
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "broker is binding to a non-loopback address without TLS. Bearer tokens and minted AWS credentials "
            + "will traverse the network in cleartext. Terminate TLS at a reverse proxy (nginx, ALB, Traefik) before "
            + "exposing the broker.")]
    private static partial void LogClearText(ILogger log);
}
