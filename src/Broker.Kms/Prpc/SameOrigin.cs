using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Broker.Kms.Prpc;

/// <summary>
/// Keeps other web sites from using an operator's browser against a service that knows no log-in. Programs say nothing
/// of where a request comes from and are let through; a browser has to show that it comes from this very service:
/// <list type="bullet">
/// <item><c>Sec-Fetch-Site</c>, where it is sent (not on plain HTTP), is <c>same-origin</c> or <c>none</c>;</item>
/// <item><c>Origin</c>, where it is sent, has the authority of <c>Host</c>;</item>
/// <item>without either, a call of a browser has a <c>Referer</c> with the authority of <c>Host</c>: an image or a
/// form of another page has none, or another;</item>
/// <item>over plain HTTP, <c>Host</c> is an address, <c>localhost</c> or a name that the operator listed: any other
/// name could be somebody else's that points here.</item>
/// </list>
/// </summary>
internal static class SameOrigin
{
    private static readonly string[] Pages = ["/", "/onboard.css", "/onboard.js", "/health"];

    /// <summary>Answers 403 to a request that a page of another origin caused.</summary>
    /// <param name="app">Takes the check in front of what is added later.</param>
    /// <param name="isOurName">Whether a host name is one that the operator gave this service.</param>
    public static void RequireSameOrigin(this WebApplication app, Func<string, bool> isOurName) =>
        app.Use(async (http, next) =>
        {
            if (Fault(http.Request, isOurName) is not { } fault)
            {
                await next(http);
                return;
            }

            var refusal = PrpcReply.Failure(StatusCodes.Status403Forbidden, fault);
            await refusal.WriteAsync(http.Response, PrpcEncoding.Json, http.RequestAborted);
        });

    private static string? Fault(HttpRequest request, Func<string, bool> isOurName)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        var origin = request.Headers.Origin.ToString();
        var isBrowser = site.Length > 0 || origin.Length > 0
            || request.Headers.UserAgent.ToString().StartsWith("Mozilla/", StringComparison.Ordinal);
        if (!isBrowser) return null;

        const string foreign = "requests from other sites are not accepted";
        if (site is not ("" or "same-origin" or "none")) return foreign;
        if (origin.Length > 0 && !IsOf(origin, request.Host)) return foreign;
        if (!request.IsHttps && !IsOurs(request.Host, isOurName))
            return $"{request.Host.Host} is not known here; list it in BROKER_KMS_ONBOARD_HOSTS, or use the IP address";

        // A browser that says nothing more: the page itself is for everybody, an action only for that page.
        if (site.Length > 0 || origin.Length > 0 || Pages.Contains(request.Path.Value)) return null;
        return IsOf(request.Headers.Referer.ToString(), request.Host) ? null : foreign;
    }

    private static bool IsOf(string address, HostString host) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        && uri.Authority.Equals(WithoutDefaultPort(host, uri), StringComparison.OrdinalIgnoreCase);

    private static string WithoutDefaultPort(HostString host, Uri uri) =>
        uri.IsDefaultPort && host.Port == uri.Port ? host.Host : host.Value ?? "";

    private static bool IsOurs(HostString host, Func<string, bool> isOurName) =>
        IPAddress.TryParse(host.Host, out _)
        || host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || isOurName(host.Host);
}
