using Scalar.AspNetCore;

namespace Broker.Http;

/// <summary><c>GET /openapi</c>: the routes for people. Everything that the page loads comes from this server.</summary>
internal static class ApiPage
{
    public static void MapApiPage(this IEndpointRouteBuilder routes) => routes
        .MapScalarApiReference("/openapi", page => page
            .WithTitle("Broker")
            .WithOpenApiRoutePattern("/openapi/v1.json")
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent())
        .ExcludeFromDescription();
}
