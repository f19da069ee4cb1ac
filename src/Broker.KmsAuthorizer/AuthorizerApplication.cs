using Broker.KmsAuthorizer.Configuration;
using Broker.KmsAuthorizer.Ethereum;
using Broker.KmsAuthorizer.Http;
using Broker.KmsAuthorizer.Policy;
using Broker.Listening;
using Broker.Operations;

namespace Broker.KmsAuthorizer;

/// <summary>
/// Puts the service together. It starts from an empty builder: no settings file in the working directory and no
/// variable that <c>--help</c> does not list can change how it decides or where it listens.
/// </summary>
internal static class AuthorizerApplication
{
    /// <param name="clock">The time that block ages and deadlines go by; the system's unless a test brings its
    /// own.</param>
    /// <param name="logging">Where log lines go; the console unless a test listens.</param>
    public static WebApplication Build(
        AuthorizerSettings settings, TimeProvider? clock = null, Action<ILoggingBuilder>? logging = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.RequireDigitsInContentLength();
            kestrel.Limits.MaxRequestBodySize = RequestBody.MaxBytes;
            kestrel.Limits.MaxConcurrentConnections = 1000;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Listen(settings.Bind, settings.Port);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.Services.AddSingleton(settings);
        builder.Services.AddHostedService<StartReport>();
        builder.Services.AddServiceManager();
        AddAuthority(builder.Services, settings.Backend);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        (logging ?? ToConsole)(builder.Logging);

        var application = builder.Build();
        application.UseHeadRequests();
        application.UseOneSpelling();
        application.UseRouting();
        application.MapAuthorizer();
        return application;
    }

    private static void AddAuthority(IServiceCollection services, BackendSettings backend)
    {
        switch (backend)
        {
            case PolicyFileSettings file:
                services.AddSingleton(file).AddSingleton<IBootAuthority, PolicyFileAuthority>();
                break;
            case EthereumSettings chain:
                services.AddSingleton(chain).AddSingleton<IBootAuthority, EthereumAuthority>();
                services.AddSingleton<ChainBlocks>().AddSingleton(new JsonRpcClient(NodeConnection(), chain.RpcUrl));
                services.AddSingleton(all => new KmsContract(all.GetRequiredService<JsonRpcClient>(), chain.Contract));
                break;
            default:
                throw new InvalidOperationException($"no such backend: {backend}");
        }
    }

    /// <summary>
    /// One client for the process, made by hand: a factory's would log the node's path, which may hold an access key.
    /// The deadline is the decision's, not the client's.
    /// </summary>
    private static HttpClient NodeConnection() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxResponseHeadersLength = 16,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private static void ToConsole(ILoggingBuilder logging) =>
        logging.AddSimpleConsole(console => console.SingleLine = true);
}
