using Broker.Foundation;
using Broker.KmsAuthorizer.Http;

namespace Broker.KmsAuthorizer.Ethereum;

/// <summary>
/// Lets a contract decide, as it stood in a block that no reorganisation undoes. Nothing is remembered between
/// requests; whatever goes wrong on the way to the chain, or takes longer than the settings allow, is a denial.
/// </summary>
internal sealed class EthereumAuthority(
    KmsContract contract, ChainBlocks blocks, EthereumSettings settings, TimeProvider clock,
    ILogger<EthereumAuthority> log) : IBootAuthority
{
    public async Task<BootVerdict> DecideAsync(BootSubject subject, BootInfo boot, CancellationToken stop)
    {
        var onChain = OnChainBootInfo.From(boot);
        if (onChain.IsRefused) return new BootVerdict.Invalid(onChain.Refusal);

        return await AskAsync<BootVerdict>(
            async (block, deadline) =>
            {
                var asked = contract.IsAllowedAsync(subject, onChain.Value, block, deadline);
                var gateway = contract.GatewayAppIdAsync(block, deadline);
                await Task.WhenAll(asked, gateway);
                var verdict = await asked;
                return verdict.IsAllowed
                    ? new BootVerdict.Allowed(await gateway)
                    : new BootVerdict.Denied(verdict.Reason, await gateway);
            },
            stop) ?? new BootVerdict.Unavailable();
    }

    public Task<AuthorityStatus?> DescribeAsync(CancellationToken stop) => AskAsync(
        async (block, deadline) =>
        {
            var gateway = contract.GatewayAppIdAsync(block, deadline);
            var implementation = contract.AppImplementationAsync(block, deadline);
            await Task.WhenAll(gateway, implementation);
            return new AuthorityStatus(
                settings.Contract.ToChecksummedString(), settings.PublicEndpoint, await gateway, block.ChainId,
                (await implementation).ToChecksummedString());
        },
        stop);

    private async Task<T?> AskAsync<T>(Func<ChainBlock, CancellationToken, Task<T>> ask, CancellationToken stop)
        where T : class
    {
        using var late = new CancellationTokenSource(settings.Timeout, clock);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        try
        {
            return await ask(await blocks.FindAsync(deadline.Token), deadline.Token);
        }
        catch (EthereumUnavailableException unavailable)
        {
            Log.ChainUnavailable(log, settings.PublicEndpoint, unavailable.Message);
            if (unavailable.Said is { } said) Log.NodeSaid(log, ForeignText.WithoutSecrets(said));
            return null;
        }
    }
}
