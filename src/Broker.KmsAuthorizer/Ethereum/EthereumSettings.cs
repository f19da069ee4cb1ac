using Broker.Cryptography;
using Broker.Foundation.Settings;
using Broker.KmsAuthorizer.Configuration;

namespace Broker.KmsAuthorizer.Ethereum;

/// <summary>A contract decides: where its chain is reached, and which of the chain's blocks are believed.</summary>
/// <param name="RpcUrl">The node. A secret: paths and queries of hosted nodes hold the access key.</param>
/// <param name="ChainId">The chain that the node must be on; null where any will do.</param>
/// <param name="MaxBlockAge">An older block is not an answer; null where any age will do.</param>
/// <param name="Timeout">The time for one decision, all calls together.</param>
internal sealed record EthereumSettings(
    Uri RpcUrl, EthereumAddress Contract, ulong? ChainId, BlockChoice Block, TimeSpan? MaxBlockAge, TimeSpan Timeout)
    : BackendSettings
{
    /// <summary>The node's scheme, host and port: all of its address that may be shown.</summary>
    public string PublicEndpoint => RpcUrl.GetLeftPart(UriPartial.Authority);

    public override string ToString() => $"contract {Contract} through {PublicEndpoint}";

    /// <exception cref="BootFailException">Settings are missing or wrong; it names all of them.</exception>
    public static EthereumSettings Read(BootEnvironment boot)
    {
        var faults = new BootFaults();
        var allowHttp = faults.Try(() => boot.Read(Variables.AllowHttp));
        var url = faults.Try(() => ReadUrl(boot, allowHttp));
        var contract = faults.Try(() => boot.Read(Variables.Contract));
        var chainId = faults.Try(() => boot.IsSet(Variables.ChainId) ? boot.Read(Variables.ChainId) : (ulong?)null);
        var block = faults.Try(() => boot.Read(Variables.Finality));
        var maxAge = faults.Try(() => boot.Read(Variables.MaxBlockAge));
        var timeout = faults.Try(() => boot.Read(Variables.Timeout));
        faults.ThrowIfAny();
        return new EthereumSettings(
            url!, contract, chainId, block!, maxAge == TimeSpan.Zero ? null : maxAge, timeout);
    }

    /// <summary>The node's address from one place, be it a variable or a file.</summary>
    private static Uri ReadUrl(BootEnvironment boot, bool allowHttp)
    {
        if (boot.ReadOptional(Variables.RpcUrlFile) is not { } ofFile)
            return Check(boot, Variables.RpcUrl, boot.Read(Variables.RpcUrl), allowHttp);
        return boot.IsSet(Variables.RpcUrl)
            ? throw boot.Fail(Variables.RpcUrlFile, $"and {Variables.RpcUrl.Name} are both set; keep one")
            : Check(boot, Variables.RpcUrlFile, ofFile, allowHttp);
    }

    private static Uri Check(BootEnvironment boot, Setting setting, Uri url, bool allowHttp) =>
        url.Scheme == Uri.UriSchemeHttps || url.IsLoopback || allowHttp
            ? url
            : throw boot.Fail(setting, $"plain http to another machine needs {Variables.AllowHttp.Name}=true");
}
