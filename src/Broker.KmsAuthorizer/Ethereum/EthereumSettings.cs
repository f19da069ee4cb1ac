using System.Globalization;
using Broker.Cryptography;
using Broker.KmsAuthorizer.Configuration;

namespace Broker.KmsAuthorizer.Ethereum;

/// <summary>A contract decides: where its chain is reached, and which of the chain's blocks are believed.</summary>
/// <param name="RpcUrl">The node. A secret: paths and queries of hosted nodes hold the access key.</param>
/// <param name="ChainId">The chain that the node must be on; null where any will do.</param>
/// <param name="MaxBlockAge">An older block is no answer; null where any age will do.</param>
/// <param name="Timeout">The time for one decision, all calls together.</param>
internal sealed record EthereumSettings(
    Uri RpcUrl, EthereumAddress Contract, ulong? ChainId, BlockChoice Block, TimeSpan? MaxBlockAge, TimeSpan Timeout)
    : BackendSettings
{
    private const int MaxUrlFileBytes = 4096;

    /// <summary>The node's scheme, host and port: all of its address that may be shown.</summary>
    public string PublicEndpoint => RpcUrl.GetLeftPart(UriPartial.Authority);

    public override string ToString() => $"contract {Contract} through {PublicEndpoint}";

    /// <summary>The settings, or null with every fault noted in the source.</summary>
    public static EthereumSettings? Read(SettingsSource source)
    {
        var allowHttp = source.Read<bool>(Variables.AllowHttp, ParseSwitch);
        var url = ReadUrl(source, allowHttp);
        var contract = source.Read<EthereumAddress>(Variables.Contract, ParseContract);
        var chainId = source.ReadOptional<ulong>(Variables.ChainId, ParseNumber);
        var block = source.Read<BlockChoice>(Variables.Finality, BlockChoice.TryParse);
        var maxAge = source.Read<ulong>(Variables.MaxBlockAge, ParseAge);
        var timeout = source.Read<ulong>(Variables.Timeout, ParseTimeout);
        return url is null || block is null
            ? null
            : new EthereumSettings(
                url, contract, chainId, block,
                maxAge == 0 ? null : TimeSpan.FromSeconds(maxAge), TimeSpan.FromSeconds(timeout));
    }

    /// <summary>
    /// An empty file counts as none: it is what a systemd credential that nobody has provided looks like.
    /// </summary>
    private static Uri? ReadUrl(SettingsSource source, bool allowHttp)
    {
        var given = source.Text(Variables.RpcUrl);
        if (source.Text(Variables.RpcUrlFile) is not { } path)
            return Check(source, Variables.RpcUrl, given ?? "", allowHttp);
        try
        {
            if (new FileInfo(path).Length > MaxUrlFileBytes)
                return Refuse(source, Variables.RpcUrlFile, "holds more than an address");
            if (IsOpen(path))
                return Refuse(source, Variables.RpcUrlFile, "may be read by others, and may hold a key; chmod 600");

            var text = File.ReadAllText(path).Trim();
            if (text.Length == 0) return Check(source, Variables.RpcUrl, given ?? "", allowHttp);
            return given is null
                ? Check(source, Variables.RpcUrlFile, text, allowHttp)
                : Refuse(source, Variables.RpcUrlFile, $"and {Variables.RpcUrl.Name} are both set; keep one");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return Refuse(source, Variables.RpcUrlFile, "cannot be read");
        }
    }

    private static Uri? Check(SettingsSource source, Variable variable, string text, bool allowHttp)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http"))
            return Refuse(source, variable, $"is required; {Variables.RpcUrl.Form}");
        if (url.UserInfo.Length > 0)
            return Refuse(source, variable, "a user and password in the address would not be sent");
        return url.Scheme == "https" || url.IsLoopback || allowHttp
            ? url
            : Refuse(source, variable, $"plain http to another machine needs {Variables.AllowHttp.Name}=true");
    }

    /// <summary>
    /// Whether others may read the file. systemd's credentials have an access list, whose mask shows as bits of the
    /// group; their folder is closed to all others.
    /// </summary>
    private static bool IsOpen(string path)
    {
        const UnixFileMode group = UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        const UnixFileMode others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        var credentials = Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY");
        var isCredential = credentials is { Length: > 0 }
            && Path.GetDirectoryName(Path.GetFullPath(path)) == credentials;
        return (File.GetUnixFileMode(path) & (isCredential ? others : group | others)) != 0;
    }

    private static Uri? Refuse(SettingsSource source, Variable variable, string reason)
    {
        source.Refuse(variable, reason);
        return null;
    }

    private static bool ParseContract(string text, out EthereumAddress address) =>
        EthereumAddress.TryParse(text, out address) && address != default;

    private static bool ParseSwitch(string text, out bool isOn)
    {
        isOn = text == "true";
        return isOn || text == "false";
    }

    private static bool ParseNumber(string text, out ulong number) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static bool ParseAge(string text, out ulong seconds) =>
        ParseNumber(text, out seconds) && seconds <= 365UL * 24 * 60 * 60;

    private static bool ParseTimeout(string text, out ulong seconds) =>
        ParseNumber(text, out seconds) && seconds is >= 1 and <= 60;
}
