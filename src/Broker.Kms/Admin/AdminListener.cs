using System.Net;
using Broker.Kms.Composition;
using Broker.Kms.Prpc;
using Broker.Kms.Tls;
using Microsoft.AspNetCore.Builder;

namespace Broker.Kms.Admin;

/// <summary>
/// The operator's own listener: plain HTTP, on the loopback address unless the operator says otherwise.
/// <see cref="AdminDoor"/> judges every request.
/// </summary>
internal static class AdminListener
{
    public static WebApplication Create(KmsParts parts, ImageCache cache, WrongTokenLimit limit)
    {
        var options = parts.Options;
        var door = new AdminDoor(options, limit, parts.Records);
        var endpoint = new IPEndPoint(options.AdminAddress, options.AdminPort);
        var app = KmsListener.Create(endpoint, parts.Logs, static _ => { });
        app.RequireSameOrigin(static _ => false);
        app.Use(door.PassAsync);
        parts.Serve("Admin.", [new AdminClearImageCache(cache)]).Map(app);
        return app;
    }
}
