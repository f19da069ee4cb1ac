using Broker.Foundation.Results;

namespace Broker.Capabilities;

/// <summary>A device as its registry has it.</summary>
/// <param name="Operator">64 lower-case hex digits.</param>
/// <param name="Actor">64 lower-case hex digits.</param>
internal sealed record DeviceRecord(string Operator, string Actor, bool MayMint, bool IsRevoked);

/// <summary>What the gates know of a subject.</summary>
/// <param name="Device">Null where the device is not registered.</param>
/// <param name="IsInScope">True also where the scope was not asked about: a master acts for itself.</param>
internal sealed record CapabilityFacts(DeviceRecord? Device, bool IsInScope, long Epoch)
{
    /// <summary>
    /// The one place that decides, whoever tells the facts, at mint and at use. Null where the capability may be.
    /// </summary>
    public Refusal? Judge(CapabilitySubject subject) => Device switch
    {
        null => new Refusal(CapabilityRefusals.DeviceNotActive, "the device is not registered"),
        { IsRevoked: true } => new Refusal(CapabilityRefusals.DeviceRevoked, "the device was revoked"),
        _ when Device.Operator != subject.Operator.ToString() || Device.Actor != subject.Actor.ToString() =>
            new Refusal(CapabilityRefusals.DeviceBindingMismatch, "the device is bound to another operator or actor"),
        { MayMint: false } =>
            new Refusal(CapabilityRefusals.DeviceRoleMissing, "the device's roles lack the minting of capabilities"),
        _ when !IsInScope =>
            new Refusal(CapabilityRefusals.ServiceNotInScope, "the operator has not given this service to the actor"),
        _ => null,
    };
}

/// <summary>
/// Where devices, scopes and the epoch of the signer's key are known: a file, or contracts on a chain.
/// </summary>
internal interface ICapabilityGates
{
    /// <summary>What is known of this subject now. A refusal where it cannot be known.</summary>
    ValueTask<Result<CapabilityFacts>> LookAsync(CapabilitySubject subject, CancellationToken stop);
}

/// <summary>No gates are configured: no capability is minted, and everything else works.</summary>
internal sealed class NoGates(string why) : ICapabilityGates
{
    public ValueTask<Result<CapabilityFacts>> LookAsync(CapabilitySubject subject, CancellationToken stop) =>
        ValueTask.FromResult<Result<CapabilityFacts>>(new Refusal(CapabilityRefusals.CapabilityGatesMissing, why));
}
