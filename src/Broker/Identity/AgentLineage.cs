using Broker.Cryptography;
using Broker.Ledger;

namespace Broker.Identity;

/// <summary>Where an agent comes from (contract §3.3, the session "J1").</summary>
/// <param name="Parent">The master that paired it.</param>
/// <param name="DerivationPath"><c>//</c> and the label: with the parent it makes the agent's omni.</param>
/// <param name="Device">The address of the device's own key, which the pairing proved.</param>
internal sealed record AgentLineage(ActorOmni Parent, string DerivationPath, EthereumAddress Device)
{
    /// <summary>The <c>identity_type</c> of such a session.</summary>
    public const string IdentityType = "agent_hdkd";
}
