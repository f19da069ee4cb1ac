using Broker.Attestation.Apps;
using Broker.Foundation.Results;


namespace Broker.Kms.Authorization;

/// <summary>As what a virtual machine asks.</summary>
internal enum BootRole
{
    App,
    Kms,
}

/// <summary>What the authority says about one machine.</summary>
/// <param name="IsAllowed">Whether it may have what it asks for.</param>
/// <param name="GatewayAppId">The gateway that apps of this authority trust.</param>
/// <param name="Reason">Why not; empty when allowed.</param>
internal sealed record BootDecision(bool IsAllowed, string GatewayAppId, string Reason);

/// <summary>
/// What the authority says about itself. The optional ones are null where there is no chain behind it.
/// </summary>
internal sealed record AuthorityDescription(
    bool IsDev,
    string? GatewayAppId,
    string? KmsContractAddress,
    ulong? ChainId,
    string? AppAuthImplementation,
    string EthRpcUrl);

/// <summary>
/// The policy: who may have keys. Asked anew for every release; nothing that it says is remembered, so that a change of
/// policy counts at once. An authority that cannot be asked is a refusal.
/// </summary>
internal interface IBootAuthority
{
    /// <summary>
    /// The decision; a denial is a decision, not a refusal. A refusal means that no decision could be had.
    /// </summary>
    Task<Result<BootDecision>> DecideAsync(BootRole role, BootInfo boot, CancellationToken stop);

    Task<Result<AuthorityDescription>> DescribeAsync(CancellationToken stop);
}
