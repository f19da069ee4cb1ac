using Broker.Modules;

namespace Broker.Http;

/// <summary>Keeps each listener to its own paths, whatever the reverse proxy lets through.</summary>
internal static class OwnListeners
{
    private const string Everywhere = "/healthz";

    public static void UseOwnListeners(this WebApplication app, IReadOnlyList<OwnListener> listeners)
    {
        if (listeners.Count == 0) return;
        app.Use((http, next) =>
        {
            var path = http.Request.Path.Value ?? "";
            var here = http.Features.Get<OwnListener>();
            var owner = listeners.FirstOrDefault(one => path.StartsWith(one.Prefix, StringComparison.Ordinal));
            if (path == Everywhere || owner == here) return next(http);
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }
}
