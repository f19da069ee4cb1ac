using System.Net;
using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.Http;

/// <summary>Where the process listens, and how much it reads.</summary>
internal static class HttpSettings
{
    public static readonly Setting<IPAddress> Bind = new("BROKER_BIND", "Core",
        "Address to listen on. Keep it on loopback and let nginx terminate TLS.", Address)
    { Default = "127.0.0.1", Form = "an IP address", Anchor = "listening" };

    public static readonly Setting<int> Port = new("BROKER_PORT", "Core",
        "Port to listen on; 0 lets the system choose. A process without the broker listens here only where it is "
        + "set.", SettingForms.Port)
    { Default = "8091", Form = "0 to 65535", Anchor = "listening" };

    public static readonly Setting<int> RequestBodyLimit = new("BROKER_REQUEST_BODY_LIMIT_BYTES", "Core",
        "A larger request body is refused with 413.", Whole("BROKER_REQUEST_BODY_LIMIT_BYTES", 1024, 16_777_216))
    { Default = "1048576", Form = "1024 to 16777216 bytes", Anchor = "limits" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Bind, Port, RequestBodyLimit,
    ];
}
