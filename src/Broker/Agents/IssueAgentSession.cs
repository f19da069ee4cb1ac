using Broker.Identity;
using Broker.Sessions;

namespace Broker.Agents;

/// <summary>Issues the session of an agent (contract §3.3, "J1"): on record first, as every session.</summary>
internal sealed class IssueAgentSession(IssueSession issue)
{
    /// <exception cref="Ledger.LedgerUnavailableException">The ledger does not hold it; nothing was signed.</exception>
    public ValueTask<IssuedSession> RunAsync(AgentPlace place, DeviceKey device, string requestId) =>
        issue.RunAsync(IdentityOf(place, device), AgentPairing.How, requestId);

    /// <summary>Who such a session speaks for.</summary>
    public static SessionIdentity IdentityOf(AgentPlace place, DeviceKey device) =>
        new(place.Child, null, AgentLineage.IdentityType, place.Child.ToString())
        {
            Agent = new AgentLineage(place.Operator, place.DerivationPath, device.Address),
        };
}
