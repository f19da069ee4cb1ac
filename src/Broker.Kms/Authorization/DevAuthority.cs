using Broker.Attestation.Apps;


namespace Broker.Kms.Authorization;

/// <summary>
/// Allows every machine that is attested. For development; <c>GetMeta</c> tells everybody that it is on.
/// </summary>
internal sealed class DevAuthority(string gatewayAppId) : IBootAuthority
{
    public Task<Verdict<BootDecision>> DecideAsync(BootRole role, BootInfo boot, CancellationToken stop) =>
        Task.FromResult<Verdict<BootDecision>>(new BootDecision(IsAllowed: true, gatewayAppId, Reason: ""));

    public Task<Verdict<AuthorityDescription>> DescribeAsync(CancellationToken stop) =>
        Task.FromResult<Verdict<AuthorityDescription>>(
            new AuthorityDescription(IsDev: true, gatewayAppId, null, null, null, EthRpcUrl: ""));
}
