using Broker.Cryptography;
using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.Capabilities;

/// <summary>Capabilities, and the gates that know devices and scopes.</summary>
internal static class CapabilitySettings
{
    private const string Group = "Capabilities";
    private const string Anchor = "capabilities";
    private const string OfProfile =
        "The name ends with the profile of AGENTKEYS_CHAIN in capitals; HEIMA's is the one of the default.";

    public static readonly Setting<string> Gates = new("BROKER_CAPABILITY_GATES", Group,
        "Where devices, scopes and the key epoch are known: static (a file) or chain (contracts). Unset: no capability "
        + "is minted.", OneOf("static", "chain"))
    { Form = "static or chain", Anchor = Anchor };

    public static readonly Setting<string> StaticPath = new("BROKER_CAPABILITY_STATIC_PATH", Group,
        "JSON file of devices and scopes for static gates, read again when it changes. Only its owner may write it.",
        FilePath)
    { Form = "path of a file", Anchor = Anchor };

    public static readonly Setting<bool> RequireProof = new("BROKER_CAPABILITY_REQUIRE_PROOF", Group,
        "Demand the device's own signature (client_sig) for every capability. One that is there is always checked.",
        Switch)
    { Default = "true", Form = TrueOrFalse, Anchor = Anchor };

    public static readonly Setting<bool> WorkerRequiresProof = new("AGENTKEYS_WORKER_REQUIRE_CAP_POP", Group,
        "Data-class services take no capability without its device's proof (client_sig), which is good for five "
        + "minutes.",
        Switch)
    { Default = "false", Form = TrueOrFalse, Anchor = "data-classes" };

    public static readonly Setting<string> Chain = new("AGENTKEYS_CHAIN", Group,
        "Profile of the chain: which variables name its node and contracts.", Profile)
    { Default = "heima", Form = "letters, digits and _", Anchor = Anchor };

    public static readonly Setting<Uri> Node = new("AGENTKEYS_CHAIN_RPC_HTTP", Group,
        "The chain's node, JSON-RPC over HTTP. Unset: CHAIN_RPC_HTTP_ and the profile in capitals.", HttpUrl)
    {
        Form = "http(s)://host[:port][/path]",
        Anchor = Anchor,
        Aliases = ["HEIMA_RPC_HTTP"],
        Secret = true,
    };

    public static readonly Setting<EthereumAddress> Registry = new("SIDECAR_REGISTRY_ADDRESS_HEIMA", Group,
        $"The contract that knows devices. {OfProfile}", Address)
    { Form = AddressForm, Anchor = Anchor };

    public static readonly Setting<EthereumAddress> Scopes = new("SCOPE_CONTRACT_ADDRESS_HEIMA", Group,
        $"The contract that knows scopes. {OfProfile}", Address)
    { Form = AddressForm, Anchor = Anchor };

    public static readonly Setting<EthereumAddress> Epochs = new("K3_EPOCH_COUNTER_ADDRESS_HEIMA", Group,
        $"The contract that knows the key epoch. {OfProfile}", Address)
    { Form = AddressForm, Anchor = Anchor };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Gates, StaticPath, RequireProof, WorkerRequiresProof, Chain, Node, Registry, Scopes, Epochs,
    ];

    private const string AddressForm = "0x and 40 hex digits";

    /// <summary>The same setting under the name that it has for a profile.</summary>
    public static Setting<T> For<T>(Setting<T> setting, string profile) => setting with
    {
        Name = setting.Name.Replace("_HEIMA", $"_{profile.ToUpperInvariant()}", StringComparison.Ordinal),
    };

    /// <summary>The node of one profile.</summary>
    public static Setting<Uri> NodeOf(string profile) =>
        Node with { Name = $"CHAIN_RPC_HTTP_{profile.ToUpperInvariant()}", Aliases = [] };

    private static EthereumAddress Address(string value) => EthereumAddress.TryParse(value, out var address)
        ? address
        : throw new FormatException($"must be {AddressForm}");

    private static string Profile(string value) =>
        value.Length is > 0 and <= 32 && value.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
            ? value
            : throw new FormatException("must be 1 to 32 letters, digits and _");
}
