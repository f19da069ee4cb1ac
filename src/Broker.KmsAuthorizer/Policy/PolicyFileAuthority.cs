using Broker.KmsAuthorizer.Configuration;
using Broker.KmsAuthorizer.Http;

namespace Broker.KmsAuthorizer.Policy;

/// <summary>
/// Lets a file decide. The file is read for every request, so an edit counts at once; while it is missing or malformed
/// the defaults stand in, which deny every boot (answering exactly as auth-simple does) and the log says why.
/// </summary>
internal sealed class PolicyFileAuthority(PolicyFileSettings settings, ILogger<PolicyFileAuthority> log)
    : IBootAuthority
{
    public async Task<BootVerdict> DecideAsync(BootSubject subject, BootInfo boot, CancellationToken stop)
    {
        var policy = await ReadAsync(stop);
        return policy.Denial(subject, boot) is { } reason
            ? new BootVerdict.Denied(reason, policy.GatewayAppId)
            : new BootVerdict.Allowed(policy.GatewayAppId);
    }

    public async Task<AuthorityStatus?> DescribeAsync(CancellationToken stop)
    {
        var policy = await ReadAsync(stop);
        return new AuthorityStatus(
            policy.KmsContractAddr, EthRpcUrl: null, policy.GatewayAppId, policy.ChainId, policy.AppImplementation);
    }

    private async Task<BootPolicy> ReadAsync(CancellationToken stop)
    {
        var reading = await PolicyFile.ReadAsync(settings.Path, stop);
        if (reading.Policy is { } policy) return policy;

        Log.PolicyUnusable(log, settings.Path, reading.Fault);
        return new BootPolicy();
    }
}
