using System.Text.Json.Serialization;
using Broker.Configuration;
using Broker.SigningKeys;

namespace Broker.Sessions;

/// <summary>
/// Session tokens: issued by a sign-in, verified on every call, ended by their holder; and legacy bearers.
/// </summary>
internal static class SessionsFeature
{
    public static void AddSessions(this IServiceCollection services, BrokerOptions options, SigningKey sessionKey)
    {
        services.AddSingleton(provider =>
            new SessionTokens(sessionKey, options.Issuer, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IRevocationStore, SqliteRevocationStore>();
        services.AddSingleton<RevokedSessions>();
        services.AddSingleton<VerifiedSessions>();
        services.AddSingleton<Callers>();
        if (options.Backend is not { } backend) return;

        services.AddHttpClient(LegacyBackend.ClientName, client => LegacyBackend.Configure(client, backend))
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false, // a bearer goes to the configured host and nowhere else
                ConnectTimeout = TimeSpan.FromSeconds(5),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            });
        services.AddSingleton(provider => new LegacyBackend(
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(LegacyBackend.ClientName),
            provider.GetRequiredService<ILogger<LegacyBackend>>()));
    }

    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        ExchangeBearer.Map(routes);
        EndSession.Map(routes);
    }
}

[JsonSerializable(typeof(ExchangeAnswer))]
internal sealed partial class SessionsJson : JsonSerializerContext;
