using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Broker.Kms.Page;

/// <summary>
/// The pages of a KMS. That of the onboard phase is one document with its style and script beside it, nothing from
/// elsewhere, so that it works in a network without a way out; that of the main service says what it is.
/// </summary>
internal static class KmsPages
{
    private const string Policy =
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void MapOnboarding(IEndpointRouteBuilder routes)
    {
        MapAsset(routes, "/", "onboard.html", "text/html; charset=utf-8");
        MapAsset(routes, "/onboard.css", "onboard.css", "text/css; charset=utf-8");
        MapAsset(routes, "/onboard.js", "onboard.js", "text/javascript; charset=utf-8");
    }

    public static void MapRunning(IEndpointRouteBuilder routes) =>
        MapAsset(routes, "/", "running.html", "text/html; charset=utf-8");

    private static void MapAsset(IEndpointRouteBuilder routes, string path, string name, string contentType)
    {
        var content = Read(name);
        routes.MapGet(path, (HttpContext http) =>
        {
            http.Response.Headers.ContentSecurityPolicy = Policy;
            return Results.Bytes(content, contentType);
        });
    }

    private static byte[] Read(string name)
    {
        var resource = $"{typeof(KmsPages).Namespace}.Assets.{name}";
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"internal error: no resource {resource}");
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
