namespace Broker.KmsAuthorizer.Http;

/// <summary>
/// Decides who may boot. Implementations keep no verdict: a change of policy takes effect with the next request.
/// Neither method throws for a policy that cannot be read or a chain that cannot be reached.
/// </summary>
internal interface IBootAuthority
{
    Task<BootVerdict> DecideAsync(BootSubject subject, BootInfo boot, CancellationToken stop);

    /// <summary>What <c>GET /</c> reports; null when the authority cannot be reached.</summary>
    Task<AuthorityStatus?> DescribeAsync(CancellationToken stop);
}

/// <summary>The policy's own identity, which the KMS repeats in <c>GetMeta</c>.</summary>
internal sealed record AuthorityStatus(
    string KmsContractAddr, string? EthRpcUrl, string GatewayAppId, ulong ChainId, string AppImplementation);
