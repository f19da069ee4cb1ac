using System.Net;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation;
using Broker.Listening;
using Broker.Modules;

namespace Broker.Http;

/// <summary>What holds for every route: limits, request ids, headers, the one error shape.</summary>
internal static class HttpConventions
{
    public static void ListenAs(
        this ConfigureWebHostBuilder host, ListenOptions listen, IReadOnlyList<OwnListener> others) =>
        host.ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.RequireDigitsInContentLength();
            server.Limits.MaxRequestBodySize = listen.BodyLimit;
            server.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
            server.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            if (listen.HasPort) server.Listen(new IPEndPoint(listen.Address, listen.Port));
            foreach (var other in others)
            {
                server.Listen(new IPEndPoint(listen.Address, other.Port), at => at.Use(next => connection =>
                {
                    connection.Features.Set(other);
                    return next(connection);
                }));
            }
        });

    public static void AddHttpConventions(this IServiceCollection services, IReadOnlyList<BrokerModule> modules)
    {
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.Encoder = StrictJson.WriterOptions.Encoder;
            json.SerializerOptions.TypeInfoResolver =
                JsonTypeInfoResolver.Combine([HttpJson.Default, .. modules.Select(module => module.Json)]);
        });
        services.AddApiDocument();
    }

    public static void UseHttpConventions(
        this WebApplication app, IReadOnlyList<BrokerModule> modules, IReadOnlyList<OwnListener> listeners)
    {
        app.UseHeadRequests();
        app.UseRequestIds();
        app.UseRequestLog();
        app.UseFaultAnswers(modules);
        app.Use(static (http, next) =>
        {
            http.Response.Headers.XContentTypeOptions = "nosniff";
            // Nothing is kept by caches unless its route says so: most answers hold credentials or personal facts.
            http.Response.Headers.CacheControl = "no-store";
            return next(http);
        });
        app.UseOwnListeners(listeners);
        app.UseOneSpelling();
        app.UseRouting();
    }
}
