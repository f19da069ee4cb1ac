using Broker.Attestation.Apps;
using Broker.Foundation.Results;


namespace Broker.Kms.Authorization;

/// <summary>
/// Allows every machine that is attested. For development; <c>GetMeta</c> tells everybody that it is on.
/// </summary>
internal sealed class DevAuthority(string gatewayAppId) : IBootAuthority
{
    public Task<Result<BootDecision>> DecideAsync(BootRole role, BootInfo boot, CancellationToken stop) =>
        Task.FromResult<Result<BootDecision>>(new BootDecision(IsAllowed: true, gatewayAppId, Reason: ""));

    public Task<Result<AuthorityDescription>> DescribeAsync(CancellationToken stop) =>
        Task.FromResult<Result<AuthorityDescription>>(
            new AuthorityDescription(IsDev: true, gatewayAppId, null, null, null, EthRpcUrl: ""));
}
