using System.Net;
using System.Net.Sockets;

namespace Broker.EndToEnd.Processes;

/// <summary>Ports for processes that must know theirs before they start.</summary>
internal static class LoopbackPort
{
    /// <summary>A port of 127.0.0.1 that was free a moment ago.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
