using System.Text;
using Broker.Cryptography;
using Broker.KmsAuthorizer.Http;

namespace Broker.KmsAuthorizer.Ethereum;

/// <summary>What the contract says about a boot; the reason is empty where it allows.</summary>
internal sealed record ContractVerdict(bool IsAllowed, string Reason);

/// <summary>
/// The view functions of dstack's contract <c>DstackKms</c> that the authorizer needs, read at one block.
/// </summary>
/// <exception cref="EthereumUnavailableException">From every method: the call reverted, or its answer has another
/// shape.</exception>
internal sealed class KmsContract(JsonRpcClient node, EthereumAddress address)
{
    private const string Call = "eth_call";

    private static readonly byte[] IsKmsAllowed = Selector($"isKmsAllowed({OnChainBootInfo.Type})");
    private static readonly byte[] IsAppAllowed = Selector($"isAppAllowed({OnChainBootInfo.Type})");
    private static readonly byte[] GatewayAppId = Selector("gatewayAppId()");
    private static readonly byte[] AppImplementation = Selector("appImplementation()");

    public async Task<ContractVerdict> IsAllowedAsync(
        BootSubject subject, OnChainBootInfo boot, ChainBlock block, CancellationToken stop)
    {
        var selector = subject is BootSubject.Kms ? IsKmsAllowed : IsAppAllowed;
        byte[] input = [.. selector, .. AbiValue.Tuple(boot.Encoded).Encoding];
        var answer = new AbiReader(await CallAsync(input, block, stop));
        return new ContractVerdict(answer.Bool(0), answer.Text(1));
    }

    public async Task<string> GatewayAppIdAsync(ChainBlock block, CancellationToken stop) =>
        new AbiReader(await CallAsync(GatewayAppId, block, stop)).Text(0);

    public async Task<EthereumAddress> AppImplementationAsync(ChainBlock block, CancellationToken stop) =>
        new(new AbiReader(await CallAsync(AppImplementation, block, stop)).Address(0));

    /// <summary>A function's selector: the first four bytes of the Keccak-256 of its canonical signature.</summary>
    internal static byte[] Selector(string signature) => Keccak256.HashData(Encoding.ASCII.GetBytes(signature))[..4];

    private async Task<byte[]> CallAsync(byte[] input, ChainBlock block, CancellationToken stop)
    {
        var transaction = new { to = address.ToString(), data = $"0x{Convert.ToHexStringLower(input)}" };
        return JsonRpcClient.Data(Call, await node.CallAsync(Call, stop, transaction, block.Parameter));
    }
}
