using WireMock.Server;
using WireMock.Settings;

namespace Broker.TestSupport;

/// <summary>HTTP servers that give the answers that a test lays down for them.</summary>
internal static class CannedServer
{
    /// <summary>
    /// One on 127.0.0.1 at a port of the system's choice. Left to itself, WireMock looks for a free port first and
    /// listens later, when another test may have it.
    /// </summary>
    public static WireMockServer Start() =>
        WireMockServer.Start(new WireMockServerSettings { Urls = ["http://127.0.0.1:0"] });
}
