using System.Net;
using Broker.Configuration;
using Broker.Foundation.Settings;

namespace Broker.Http;

/// <summary>Where the process listens. Bodies above <see cref="BodyLimit"/> bytes are refused.</summary>
/// <param name="Port">Of what has no port of its own.</param>
internal sealed record ListenOptions(IPAddress Address, int Port, int BodyLimit)
{
    /// <summary>
    /// False in a process without the broker whose <c>BROKER_PORT</c> is not set: only its services' own ports answer,
    /// so that it can run beside a broker on one host.
    /// </summary>
    public bool HasPort { get; init; } = true;

    public static ListenOptions Read(BootEnvironment boot) =>
        new(boot.Read(HttpSettings.Bind), boot.Read(HttpSettings.Port), boot.Read(HttpSettings.RequestBodyLimit))
        {
            HasPort = boot.IsSet(HttpSettings.Port) || !ProcessParts.IsWithoutBroker(boot),
        };
}
