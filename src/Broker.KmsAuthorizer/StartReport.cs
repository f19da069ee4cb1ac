using Broker.KmsAuthorizer.Configuration;
using Broker.KmsAuthorizer.Http;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Broker.KmsAuthorizer;

/// <summary>
/// Says in the log what an operator looks for after a start: the address, and whether the policy or the chain can be
/// read. A chain that cannot be reached does not stop the start; until it can, every boot is denied.
/// </summary>
internal sealed class StartReport(
    AuthorizerSettings settings, IBootAuthority authority, IServer server, IHostApplicationLifetime lifetime,
    ILogger<StartReport> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        lifetime.ApplicationStarted.Register(ReportAddresses);
        var status = await authority.DescribeAsync(stoppingToken);
        if (settings.Backend is PolicyFileSettings file) Log.PolicyFile(log, Path.GetFullPath(file.Path));
        if (status?.EthRpcUrl is not { } endpoint) return;

        Log.Connected(log, endpoint, status.ChainId);
        Log.ContractLoaded(log, status.KmsContractAddr);
    }

    private void ReportAddresses()
    {
        foreach (var address in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
            Log.Listening(log, new Uri(address).Authority);
    }
}
