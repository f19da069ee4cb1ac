using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.TestSupport;

/// <summary>
/// The routes of any listener in this process, as its own routing has them. A request with an address that nobody else
/// asks for is seen on its way in, by the server's own diagnostics, and leads to the listener's endpoints.
/// </summary>
internal static class MappedRoutes
{
    private const string RequestStarts = "Microsoft.AspNetCore.Hosting.HttpRequestIn.Start";

    /// <summary>Each route as it is declared, with each of its methods.</summary>
    public static async Task<IReadOnlyList<(string Method, string Pattern)>> OfAsync(Uri address)
    {
        var probe = new Probe($"/{Guid.NewGuid():n}");
        using (DiagnosticListener.AllListeners.Subscribe(probe))
        {
            await RawHttp.SendAsync(address, "GET", probe.Path);
            probe.End();
        }

        probe.Endpoints.ShouldNotBeNull("no request was seen on its way in");
        return
        [
            .. probe.Endpoints.OfType<RouteEndpoint>().SelectMany(route =>
                route.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods
                    .Select(method => (method, route.RoutePattern.RawText!))),
        ];
    }

    private sealed class Probe(string path) : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        private readonly List<IDisposable> _subscriptions = [];

        public string Path => path;

        public IReadOnlyList<Endpoint>? Endpoints { get; private set; }

        public void OnNext(DiagnosticListener value)
        {
            lock (_subscriptions)
            {
                if (value.Name == "Microsoft.AspNetCore") _subscriptions.Add(value.Subscribe(this));
            }
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Key != RequestStarts || value.Value is not HttpContext http || http.Request.Path != path) return;
            Endpoints = http.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints;
        }

        public void End()
        {
            lock (_subscriptions) _subscriptions.ForEach(subscription => subscription.Dispose());
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
