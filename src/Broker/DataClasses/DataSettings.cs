using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.DataClasses;

/// <summary>The services that keep data of a class.</summary>
internal static class DataSettings
{
    private const string Group = "Data classes (BROKER_MODULES=cred,memory,config)";
    private const string Anchor = "data-classes";
    private const string PortForm = "0 to 65535";
    private const string KekForm = "64 hex digits";
    private const string Written =
        "Written once and never changed: under another key nothing that is stored can be read.";

    public static readonly Setting<int> CredPort = new("BROKER_CRED_PORT", Group,
        "Port of the credentials service's own listener, on BROKER_BIND; 0 lets the system choose.", Port)
    { Default = "9094", Form = PortForm, Anchor = Anchor };

    public static readonly Setting<int> MemoryPort = new("BROKER_MEMORY_PORT", Group,
        "Port of the memory service's own listener.", Port)
    { Default = "9095", Form = PortForm, Anchor = Anchor };

    public static readonly Setting<int> ConfigPort = new("BROKER_CONFIG_PORT", Group,
        "Port of the configuration service's own listener.", Port)
    { Default = "9096", Form = PortForm, Anchor = Anchor };

    public static readonly Setting<DataKey> CredKek = new("AGENTKEYS_WORKER_KEK_HEX", Group,
        $"Key that seals credentials. {Written}", DataKey.Parse)
    { Form = KekForm, Anchor = Anchor, Secret = true };

    public static readonly Setting<DataKey> MemoryKek = new("AGENTKEYS_MEMORY_KEK_HEX", Group,
        $"Key that seals memories. {Written}", DataKey.Parse)
    { Form = KekForm, Anchor = Anchor, Secret = true };

    public static readonly Setting<DataKey> ConfigKek = new("AGENTKEYS_CONFIG_KEK_HEX", Group,
        $"Key that seals configurations. {Written}", DataKey.Parse)
    { Form = KekForm, Anchor = Anchor, Secret = true };

    public static readonly Setting<bool> KeksOfKms = new("BROKER_DATA_KEK", Group,
        "Where those keys come from: the variables, or the roots of the embedded KMS, which needs the broker here and "
        + "BROKER_SIGNING_KEYS=kms.", Choice(("environment", false), ("kms", true)))
    { Default = "environment", Form = "environment or kms", Anchor = Anchor };

    public static readonly Setting<bool> RequireSts = new("AGENTKEYS_WORKER_REQUIRE_STS", Group,
        "Take no request without the caller's own AWS credentials in the X-Aws-* headers. Off, those without them use "
        + "the credentials of this process.", Switch)
    { Default = "false", Form = TrueOrFalse, Anchor = Anchor };

    public static readonly Setting<TimeSpan> Timeout = new("BROKER_DATA_TIMEOUT_SECONDS", Group,
        "Longest that one call of S3 takes, retries included.", Seconds("BROKER_DATA_TIMEOUT_SECONDS", 1, 60))
    { Default = "10", Form = "1 to 60 seconds", Anchor = Anchor };

    public static readonly Setting<int> PerMinute = new("BROKER_RATE_LIMIT_DATA_PER_MINUTE_PER_OMNI", Group,
        "Requests of one actor to the data-class services in a minute, for each process; 0 is no limit.",
        Whole("BROKER_RATE_LIMIT_DATA_PER_MINUTE_PER_OMNI", 0, 1_000_000_000))
    { Default = "600", Form = "0 to 1000000000", Anchor = Anchor };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        CredPort, MemoryPort, ConfigPort, CredKek, MemoryKek, ConfigKek, KeksOfKms, RequireSts, Timeout, PerMinute,
    ];
}
