using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Ledger;
using Broker.Releases;

namespace Broker.Grants;

/// <summary>
/// An agent that a master has paired gets something, for itself or for its master, only while its path policy is
/// active; one without a policy gets nothing. Everybody else has no path.
/// </summary>
internal sealed class PathPolicyCheck(IPathPolicyStore policies) : IReleaseCheck
{
    private const string Name = "path_policy";

    /// <summary>Null for an agent whose path is active, and for everybody who is no agent.</summary>
    public static Refusal? RefusalOf(VerifiedCaller caller, IPathPolicyStore policies) =>
        PathsOf(caller).All(path => policies.Find(path.Master, path.DerivationPath) is { IsActive: true })
            ? null
            : new Refusal(GrantRefusals.PathSuspended, "the agent's master has suspended it");

    public PolicyCheck Look(MintRequest request)
    {
        var paths = string.Join(", ", PathsOf(request.Caller).Select(path => path.DerivationPath));
        if (paths.Length == 0) return new PolicyCheck(Name, "not an agent");
        return RefusalOf(request.Caller, policies) is { } refusal
            ? new PolicyCheck(Name, refusal.Detail, refusal)
            : new PolicyCheck(Name, $"{paths} is active");
    }

    private static IEnumerable<(ActorOmni Master, string DerivationPath)> PathsOf(VerifiedCaller caller)
    {
        if (caller.Agent is { } agent) yield return (agent.Parent, agent.DerivationPath);
        foreach (var one in caller.Acting?.Line ?? []) yield return (caller.Actor, one.DerivationPath);
    }
}
