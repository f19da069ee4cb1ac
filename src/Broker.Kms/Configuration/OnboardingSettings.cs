using System.Net;
using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;
using static Broker.Kms.Configuration.KmsSetting;

namespace Broker.Kms.Configuration;

/// <summary>How a KMS without keys comes to some.</summary>
internal static class OnboardingSettings
{
    public static readonly Setting<bool> Enabled = Mirror("core.onboard.enabled",
        "wait for an operator when there are no keys", TrueOrFalse, Switch, "true");

    public static readonly Setting<string> AutoBootstrapDomain = Mirror("core.onboard.auto_bootstrap_domain",
        "make keys for this domain at the first start", KmsForms.Domain, KmsForms.ReadDomain);

    /// <summary>Its value goes nowhere.</summary>
    public static readonly Setting<bool> QuoteEnabled = Mirror("core.onboard.quote_enabled",
        "of dstack up to 0.5.8; only true: no key leaves without evidence", TrueOrFalse, OnlyTrue, "true");

    public static readonly Setting<IPAddress> ListenAddress = Mirror("core.onboard.address", "address of onboarding",
        KmsForms.Address, Address, "0.0.0.0");

    public static readonly Setting<int> ListenPort = Mirror("core.onboard.port", "port of onboarding",
        KmsForms.Port, Port, "8000");

    public static readonly Setting<bool> Tls = Ours("ONBOARD_TLS",
        "onboard over HTTPS with a self-signed certificate; false is plain HTTP", TrueOrFalse, Switch, "true");

    public static readonly Setting<string[]> Hosts = Ours("ONBOARD_HOSTS",
        "names, comma-separated, under which a browser may onboard over plain HTTP; * is any",
        KmsForms.HostNames, KmsForms.ReadHostNames);

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
        [Enabled, AutoBootstrapDomain, QuoteEnabled, ListenAddress, ListenPort, Tls, Hosts];

    public static KmsOptions Read(BootEnvironment boot, KmsOptions options) => options with
    {
        OnboardEnabled = boot.Read(Enabled),
        AutoBootstrapDomain = boot.ReadOptional(AutoBootstrapDomain) ?? "",
        OnboardAddress = boot.Read(ListenAddress),
        OnboardPort = ListenerSettings.PortOf(boot, ListenPort),
        OnboardTls = boot.Read(Tls),
        OnboardHosts = boot.ReadOptional(Hosts) ?? [],
    };

    private static bool OnlyTrue(string value) =>
        Switch(value) ? true : throw new FormatException("must be true: no key leaves without evidence");
}
