using System.Net;
using System.Text.Json.Serialization.Metadata;
using Broker.Aws;
using Broker.Configuration;
using Broker.Foundation;
using Broker.Listening;
using Broker.Operations;
using Broker.Sessions;
using Broker.SignIn.Wallet;
using Broker.Tokens;

namespace Broker.Http;

/// <summary>What holds for every route: limits, request ids, headers, the one error shape.</summary>
internal static class HttpFeature
{
    public static void ListenAs(this ConfigureWebHostBuilder host, ListenOptions listen) =>
        host.ConfigureKestrel(server =>
    {
        server.AddServerHeader = false;
        server.RequireDigitsInContentLength();
        server.Limits.MaxRequestBodySize = listen.BodyLimit;
        server.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        server.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        server.Listen(new IPEndPoint(listen.Address, listen.Port));
    });

    public static void AddHttpConventions(this IServiceCollection services, BrokerOptions options)
    {
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Operations.ShutdownGrace);
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.Encoder = StrictJson.WriterOptions.Encoder;
            json.SerializerOptions.TypeInfoResolver = JsonTypeInfoResolver.Combine(
                TokensJson.Default, AwsJson.Default, WalletJson.Default, SessionsJson.Default, OperationsJson.Default);
        });
        services.AddApiDocument();
    }

    public static void UseHttpConventions(this WebApplication app)
    {
        app.UseHeadRequests();
        app.UseRequestIds();
        app.UseRequestLog();
        app.UseFaultAnswers();
        app.Use(static (http, next) =>
        {
            http.Response.Headers.XContentTypeOptions = "nosniff";
            // Nothing is kept by caches unless its route says so: most answers hold credentials or personal facts.
            http.Response.Headers.CacheControl = "no-store";
            return next(http);
        });
        app.UseOneSpelling();
        app.UseRouting();
    }
}
