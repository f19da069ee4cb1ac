using System.Text.Json;
using Broker.KmsAuthorizer.Configuration;

namespace Broker.KmsAuthorizer.Ethereum;

/// <summary>A block that a decision may be read from, and the chain it is on.</summary>
internal sealed record ChainBlock(ulong ChainId, ulong Number)
{
    /// <summary>The block parameter of a call: its number as a quantity.</summary>
    public string Parameter => $"0x{Number:x}";
}

/// <summary>
/// Finds the block to ask: the one that the settings choose, on the chain that they demand, and not older than they
/// allow. All calls of one decision go to that one block, so that they see one state of the contract.
/// </summary>
internal sealed class ChainBlocks(JsonRpcClient node, EthereumSettings settings, TimeProvider clock)
{
    private const string ChainId = "eth_chainId";
    private const string BlockNumber = "eth_blockNumber";
    private const string GetBlock = "eth_getBlockByNumber";

    /// <exception cref="EthereumUnavailableException">There is no such block now.</exception>
    public async Task<ChainBlock> FindAsync(CancellationToken stop)
    {
        var chainId = ChainIdAsync(stop);
        var block = BlockAsync(stop);
        await Task.WhenAll(chainId, block);
        return new ChainBlock(await chainId, await block);
    }

    private async Task<ulong> ChainIdAsync(CancellationToken stop)
    {
        var chainId = JsonRpcClient.Quantity(ChainId, await node.CallAsync(ChainId, stop));
        return settings.ChainId is null || settings.ChainId == chainId
            ? chainId
            : throw new EthereumUnavailableException($"the node is on chain {chainId}, not on {settings.ChainId}");
    }

    private async Task<ulong> BlockAsync(CancellationToken stop)
    {
        var wanted = settings.Block switch
        {
            BlockChoice.Tagged tagged => tagged.Tag,
            BlockChoice.Below below => $"0x{await BelowHeadAsync(below.Confirmations, stop):x}",
            _ => throw new InvalidOperationException($"no such block choice: {settings.Block}"),
        };
        var block = await node.CallAsync(GetBlock, stop, wanted, false);
        CheckAge(Quantity(block, "timestamp"));
        return Quantity(block, "number");
    }

    private async Task<ulong> BelowHeadAsync(ulong confirmations, CancellationToken stop)
    {
        var head = JsonRpcClient.Quantity(BlockNumber, await node.CallAsync(BlockNumber, stop));
        return head >= confirmations
            ? head - confirmations
            : throw new EthereumUnavailableException($"the chain has {head} blocks, not {confirmations} to confirm");
    }

    private void CheckAge(ulong timestamp)
    {
        if (settings.MaxBlockAge is not { } limit) return;
        var age = clock.GetUtcNow().ToUnixTimeSeconds() - (decimal)timestamp;
        if (age > (decimal)limit.TotalSeconds)
            throw new EthereumUnavailableException($"the block is {age} seconds old, more than {limit.TotalSeconds}");
    }

    private static ulong Quantity(JsonElement block, string name) =>
        block.ValueKind is JsonValueKind.Object && block.TryGetProperty(name, out var value)
            ? JsonRpcClient.Quantity($"{GetBlock} {name}", value)
            : throw new EthereumUnavailableException($"{GetBlock}: a block without {name}");
}
