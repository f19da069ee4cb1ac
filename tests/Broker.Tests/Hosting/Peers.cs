using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Hosting;

/// <summary>
/// HTTP servers that stand for what the broker talks to: real sockets on 127.0.0.1, ports of the system's choice.
/// </summary>
internal static class Peers
{
    public static WebApplication NewServer()
    {
        // A watch of the settings' file would take one of the user's 128 inotify instances.
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        return builder.Build();
    }

    /// <summary>A port that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>An address where nobody listens.</summary>
    public static string DeadUrl { get; } = "http://127.0.0.1:1";
}
