using System.Net;
using Broker.Foundation.Settings;
using static Broker.Kms.Configuration.KmsSetting;

namespace Broker.Kms.Configuration;

/// <summary>Where the main service listens.</summary>
internal static class ListenerSettings
{
    public static readonly Setting<int> Port = Ours("PORT", "port of the main service and of onboarding",
        KmsForms.Port, SettingForms.Port, "8000");

    public static readonly Setting<IPAddress> RpcAddress = Mirror("rpc.address", "address of the main service",
        KmsForms.Address, SettingForms.Address, "0.0.0.0");

    public static readonly Setting<int> RpcPort = Mirror("rpc.port", "port of the main service",
        KmsForms.Port, SettingForms.Port, "8000");

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } = [Port, RpcAddress, RpcPort];

    public static KmsOptions Read(BootEnvironment boot, KmsOptions options) => options with
    {
        RpcAddress = boot.Read(RpcAddress),
        RpcPort = PortOf(boot, RpcPort),
    };

    /// <summary>The finer setting's port where it is set, else the one for both phases.</summary>
    public static int PortOf(BootEnvironment boot, Setting<int> finer) =>
        boot.Read(boot.IsSet(finer) ? finer : Port);
}
