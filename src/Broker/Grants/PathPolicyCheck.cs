using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Releases;

namespace Broker.Grants;

/// <summary>
/// An agent that a master has paired gets something only while its path policy is active; one without a policy gets
/// nothing. Everybody else has no path.
/// </summary>
internal sealed class PathPolicyCheck(IPathPolicyStore policies) : IReleaseCheck
{
    private const string Name = "path_policy";

    /// <summary>Null for an agent whose path is active, and for everybody who is no agent.</summary>
    public static Refusal? RefusalOf(VerifiedCaller caller, IPathPolicyStore policies) =>
        caller.Agent is not { } agent || policies.Find(agent.Parent, agent.DerivationPath) is { IsActive: true }
            ? null
            : new Refusal(GrantRefusals.PathSuspended, "the agent's master has suspended it");

    public PolicyCheck Look(MintRequest request)
    {
        if (request.Caller.Agent is not { } agent) return new PolicyCheck(Name, "not an agent");
        return RefusalOf(request.Caller, policies) is { } refusal
            ? new PolicyCheck(Name, refusal.Detail, refusal)
            : new PolicyCheck(Name, $"{agent.DerivationPath} is active");
    }
}
