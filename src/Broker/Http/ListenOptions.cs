using System.Net;
using Broker.Foundation.Settings;

namespace Broker.Http;

/// <summary>Where the process listens. Bodies above <see cref="BodyLimit"/> bytes are refused.</summary>
internal sealed record ListenOptions(IPAddress Address, int Port, int BodyLimit)
{
    public static ListenOptions Read(BootEnvironment boot) =>
        new(boot.Read(HttpSettings.Bind), boot.Read(HttpSettings.Port), boot.Read(HttpSettings.RequestBodyLimit));
}
