using System.Net;
using System.Text.Json.Serialization.Metadata;
using Broker.Aws;
using Broker.Configuration;
using Broker.Foundation;
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
        services.AddOpenApi("v1");
    }

    public static void UseHttpConventions(this WebApplication app)
    {
        app.UseRequestIds();
        app.UseFaultAnswers();
        app.Use(static (http, next) =>
        {
            http.Response.Headers.XContentTypeOptions = "nosniff";
            // Answers under /v1 hold credentials, or facts about a person.
            if (http.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal))
                http.Response.Headers.CacheControl = "no-store";
            return next(http);
        });
        app.UseRouting();
    }
}
