using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Broker.Http;

/// <summary>
/// <c>GET /openapi/v1.json</c>: the routes as OpenAPI 3.1. The document is built at the first request and kept.
/// </summary>
internal static class ApiDocument
{
    /// <summary>The security scheme that routes with a bearer refer to.</summary>
    public const string BearerScheme = "bearer";

    private const string Name = "v1";

    public static void AddApiDocument(this IServiceCollection services) => services.AddOpenApi(Name, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer(DescribeAsync);
    });

    public static void MapApiDocument(this IEndpointRouteBuilder routes)
    {
        var provider = routes.ServiceProvider.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name);
        var document = new Lazy<Task<CachedDocument>>(async () =>
        {
            var described = await provider.GetOpenApiDocumentAsync();
            using var text = new MemoryStream();
            await described.SerializeAsJsonAsync(text, OpenApiSpecVersion.OpenApi3_1);
            return new CachedDocument(text.ToArray());
        });
        routes.MapGet("/openapi/v1.json", (Delegate)(async (HttpContext http) =>
                await (await document.Value).AnswerAsync(http)))
            .WithName("openapi").WithSummary("This document").ProducesJson();
    }

    private static Task DescribeAsync(
        OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken stop)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Broker",
            Version = typeof(ApiDocument).Assembly.GetName().Version!.ToString(3),
            Description = "Short-lived credentials for proven identities, each on record before it leaves.",
        };
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[BearerScheme] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "A session token of this broker, or a legacy bearer where a backend is configured.",
        };
        return Task.CompletedTask;
    }
}
