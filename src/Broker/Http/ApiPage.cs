using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Scalar.AspNetCore;

namespace Broker.Http;

/// <summary>
/// <c>GET /openapi</c>: the routes as a page for people, drawn by Scalar's script out of <c>/openapi/v1.json</c>. Page
/// and script have one address each; Scalar's own <c>MapScalarApiReference</c> would map a variable, which answers
/// under many spellings. The policy lets the page load nothing from another host.
/// </summary>
internal static class ApiPage
{
    /// <summary>What would ask other hosts is turned off; the policy forbids it as well.</summary>
    private const string Start =
        """
        Scalar.createApiReference("#routes",{url:"openapi/v1.json",withDefaultFonts:false,telemetry:false,
        hideClientButton:true,showDeveloperTools:"never",agent:{disabled:true},mcp:{disabled:true}})
        """;

    private const string Html =
        $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Broker</title>
        </head>
        <body><div id="routes"></div><script src="openapi/scalar.js"></script><script>{Start}</script></body>
        </html>

        """;

    /// <summary>Scalar puts its styles into the page itself, so styles may be inline; scripts may not.</summary>
    private static readonly string Policy =
        $"default-src 'none'; script-src 'self' 'sha256-{HashOf(Start)}'; "
        + "style-src 'unsafe-inline'; img-src 'self' data:; font-src data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly EntityTagHeaderValue ScriptVersion =
        new($"\"scalar-{typeof(ScalarOptions).Assembly.GetName().Version}\"");

    public static void MapApiPage(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/openapi", Page).WithName("openapiPage").WithSummary("The routes as a page for people")
            .Produces<string>(StatusCodes.Status200OK, "text/html");
        routes.MapGet("/openapi/scalar.js", Script).WithName("openapiPageScript").WithSummary("The script of that page")
            .Produces<string>(StatusCodes.Status200OK, "text/javascript");
    }

    private static string HashOf(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static ContentHttpResult Page(HttpContext http)
    {
        http.Response.Headers.ContentSecurityPolicy = Policy;
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        return TypedResults.Text(Html, "text/html", Encoding.UTF8);
    }

    /// <summary>The package holds the script compressed, and most browsers take it so.</summary>
    private static FileStreamHttpResult Script(HttpContext http)
    {
        Stream script = typeof(ScalarOptions).Assembly.GetManifestResourceStream("ScalarStaticAssets.scalar.js")!;
        http.Response.Headers.Vary = "Accept-Encoding";
        http.Response.Headers.CacheControl = "public, max-age=300";
        if (http.Request.GetTypedHeaders().AcceptEncoding.Any(one => one is { Value.Value: "gzip", Quality: not 0 }))
            http.Response.Headers.ContentEncoding = "gzip";
        else script = new GZipStream(script, CompressionMode.Decompress);
        return TypedResults.Stream(script, "text/javascript", entityTag: ScriptVersion);
    }
}
