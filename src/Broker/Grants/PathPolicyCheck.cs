using Broker.Releases;

namespace Broker.Grants;

/// <summary>
/// An agent that a master has paired gets something only while its path policy is active; one without a policy gets
/// nothing. Everybody else has no path.
/// </summary>
internal sealed class PathPolicyCheck(IPathPolicyStore policies) : IReleaseCheck
{
    private const string Name = "path_policy";

    public PolicyCheck Look(MintRequest request)
    {
        if (request.Caller.Agent is not { } agent) return new PolicyCheck(Name, "not an agent");
        return policies.Find(agent.Parent, agent.DerivationPath) is { IsActive: true }
            ? new PolicyCheck(Name, $"{agent.DerivationPath} is active")
            : PolicyCheck.Refused(Name, GrantRefusals.PathSuspended, "the agent's master has suspended it");
    }
}
