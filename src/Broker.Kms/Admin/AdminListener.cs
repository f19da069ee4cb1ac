using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Broker.Kms.Lifecycle;
using Broker.Kms.Prpc;
using Broker.Kms.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Broker.Kms.Admin;

/// <summary>
/// The operator's own listener: plain HTTP, on the loopback address unless the operator says otherwise. Every request
/// needs the token: in <c>X-Admin-Token</c>, as a bearer, or as either half of basic credentials.
/// </summary>
internal static class AdminListener
{
    public static WebApplication Create(KmsParts parts, ImageCache cache)
    {
        var options = parts.Options;
        var token = AdminToken.FromText(options.AdminAuthToken);
        var endpoint = new IPEndPoint(options.AdminAddress, options.AdminPort);
        var app = KmsListener.Create(endpoint, parts.Logs, static _ => { });
        app.RequireSameOrigin();
        app.Use((http, next) =>
        {
            if (options.AdminInsecureNoAuth || Presented(http.Request).Any(token.Matches)) return next(http);
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"dstack-kms admin\"";
            return Task.CompletedTask;
        });
        parts.Serve("Admin.", [new AdminClearImageCache(cache)]).Map(app);
        return app;
    }

    private static IEnumerable<string> Presented(HttpRequest request)
    {
        foreach (var token in request.Headers["X-Admin-Token"]) yield return token ?? "";
        foreach (var header in request.Headers.Authorization)
        {
            if (!AuthenticationHeaderValue.TryParse(header, out var value) || value.Parameter is null) continue;
            var scheme = value.Scheme.ToLowerInvariant();
            if (scheme == "bearer") yield return value.Parameter;
            if (scheme == "basic") yield return BasicToken(value.Parameter);
        }
    }

    /// <summary>The password; or the user name, where the password is empty.</summary>
    private static string BasicToken(string parameter)
    {
        var bytes = new byte[parameter.Length];
        if (!Convert.TryFromBase64String(parameter, bytes, out var length)) return "";
        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return "";
        return colon == pair.Length - 1 ? pair[..colon] : pair[(colon + 1)..];
    }
}
