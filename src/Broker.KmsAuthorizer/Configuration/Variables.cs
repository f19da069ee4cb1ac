using System.Globalization;
using System.Net;
using Broker.Cryptography;
using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.KmsAuthorizer.Configuration;

/// <summary>
/// Every setting of the authorizer; an alias is what auth-simple or auth-eth call it, so that their environment files
/// keep working. The reader and <c>--help</c> go by this list; the broker's project compiles it in as well, to print
/// <c>broker.env.example</c>.
/// </summary>
internal static class Variables
{
    /// <summary>The README's anchor of all of them.</summary>
    public const string Anchor = "kms-authorizer";

    public static readonly Setting<IPAddress> Bind = Declare("BIND", "HOST",
        "IP address to listen on. The answers decide who gets keys: leave it on loopback unless the KMS is elsewhere.",
        "an IP address, for example 127.0.0.1", Address, "127.0.0.1");

    public static readonly Setting<int> Port = Declare("PORT", "PORT",
        "TCP port; 0 takes a free one.",
        "a port from 0 to 65535", SettingForms.Port, "9200");

    public static readonly Setting<string> Backend = Declare("BACKEND", null,
        "Who decides: 'config' (a JSON file, as auth-simple) or 'ethereum' (a contract, as auth-eth).",
        "either 'config' or 'ethereum'", OneOf("config", "ethereum"), "config");

    public static readonly Setting<string> ConfigPath = Declare("CONFIG_PATH", "AUTH_CONFIG_PATH",
        "config: the policy file, read again for every request. Missing or malformed: everything is denied.",
        "a path of a file, not of a folder", PolicyPath, "./auth-config.json");

    public static readonly Setting<Uri> RpcUrl = new(Prefix + "ETH_RPC_URL", Group,
        "ethereum: the node's JSON-RPC address. Paths often hold an access key.", NodeAddress)
    { Form = NodeForm, Anchor = Anchor, Aliases = ["ETH_RPC_URL"], Secret = true };

    public static readonly Setting<Uri?> RpcUrlFile = new(Prefix + "ETH_RPC_URL_FILE", Group,
        "ethereum: a file that holds the address instead (systemd LoadCredential); empty counts as unset.",
        NodeAddressOfFile)
    { Form = "a path of a file of at most 4096 bytes that others may not read", Anchor = Anchor };

    public static readonly Setting<bool> AllowHttp = Declare("ETH_ALLOW_HTTP", null,
        "ethereum: 'true' permits plain http to another machine. Whoever is on that network then decides.",
        TrueOrFalse, Switch, "false");

    public static readonly Setting<EthereumAddress> Contract = Declare("ETH_CONTRACT", "KMS_CONTRACT_ADDR",
        "ethereum: address of the DstackKms contract.",
        "an address other than zero: 0x and 40 hex digits, the checksum right if in mixed case", ContractAddress);

    public static readonly Setting<ulong> ChainId = Declare("ETH_CHAIN_ID", "ETH_CHAIN_ID",
        "ethereum: the chain the node must be on. Unset: not checked.",
        "a chain id, for example 1", ChainNumber);

    public static readonly Setting<BlockChoice> Finality = Declare("ETH_FINALITY", "ETH_FINALITY_CONFIRMATIONS",
        "ethereum: the block to ask: 'finalized', 'safe', or so many blocks below the newest.",
        "'finalized', 'safe' or a number from 0 to 1000000", BlockChoice.Parse, "finalized");

    public static readonly Setting<TimeSpan> MaxBlockAge = Declare("ETH_MAX_BLOCK_AGE", null,
        "ethereum: an older block is not an answer, since a stalled node keeps revoked measurements. 0: any.",
        "seconds, 0 to 31536000", Seconds("the age", 0, 31_536_000), "3600");

    public static readonly Setting<TimeSpan> Timeout = Declare("ETH_TIMEOUT", null,
        "ethereum: time for one decision; later is a denial.",
        "seconds, 1 to 60", Seconds("the time", 1, 60), "10");

    public static readonly IReadOnlyList<Setting> All =
    [
        Bind, Port, Backend, ConfigPath, RpcUrl, RpcUrlFile, AllowHttp, Contract, ChainId, Finality, MaxBlockAge,
        Timeout,
    ];

    private const string Prefix = "BROKER_KMS_AUTH_";
    private const string Group = "KMS authorizer (a program of its own: Broker.KmsAuthorizer)";
    private const string NodeForm = "the node's address, https://…, or http:// to this machine";
    private const int LongestAddressFile = 4096;

    /// <summary>A value that is not of the form is refused by telling the form.</summary>
    private static Setting<T> Declare<T>(
        string name, string? alias, string meaning, string form, Func<string, T> parse, string? standard = null) =>
        new(Prefix + name, Group, meaning, Told(form, parse))
        {
            Default = standard,
            Form = form,
            Anchor = Anchor,
            Aliases = alias is null ? [] : [alias],
        };

    /// <summary>A file that is missing may come; a folder or something that is not a path never is a policy.</summary>
    private static string PolicyPath(string value) => !value.Any(char.IsControl) && !Directory.Exists(value)
        ? value
        : throw new FormatException("must be a path of a file");

    private static Uri NodeAddress(string value)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http"))
            throw new FormatException($"must be {NodeForm}");
        return url.UserInfo.Length == 0
            ? url
            : throw new FormatException("a user and password in the address would not be sent");
    }

    /// <summary>
    /// An empty file counts as none: it is what a systemd credential that nobody has provided looks like.
    /// </summary>
    private static Uri? NodeAddressOfFile(string path) =>
        SecretFile.ReadText(path, LongestAddressFile) is { Length: > 0 } address ? NodeAddress(address) : null;

    private static EthereumAddress ContractAddress(string value) =>
        EthereumAddress.TryParse(value, out var address) && address != default
            ? address
            : throw new FormatException("must be an address");

    private static ulong ChainNumber(string value) =>
        ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException("must be a whole number");
}
