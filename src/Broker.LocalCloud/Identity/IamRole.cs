using Broker.LocalCloud.Policies;

namespace Broker.LocalCloud.Identity;

/// <summary>A role: who may assume it, what its sessions may do, and for how long they last at most.</summary>
internal sealed record IamRole(
    string Account, string Name, string Arn, string RoleId, PolicyDocument TrustPolicy,
    IReadOnlyList<PolicyDocument> Policies, TimeSpan MaxSessionDuration);
