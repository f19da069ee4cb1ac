using Broker.LocalCloud.Identity;
using Broker.LocalCloud.Policies;

namespace Broker.LocalCloud.Access;

/// <summary>
/// Decides one action within one account: an explicit denial anywhere wins; otherwise the caller's own policies or the
/// resource's must allow it; and a session policy narrows everything but what the resource grants to that very session
/// (IAM User Guide, "Policy evaluation logic for requests within a single account").
/// </summary>
internal static class Authorization
{
    public static bool Allows(
        Principal caller, string action, string resource, PolicyDocument? resourcePolicy,
        IEnumerable<KeyValuePair<string, string[]>> requestKeys)
    {
        var request = new AccessRequest(action, resource, caller.Names, [.. caller.ConditionKeys(), .. requestKeys]);
        var identity = caller.Policies.Select(policy => policy.Ask(request)).ToArray();
        var ofResource = resourcePolicy?.Ask(request) ?? default;
        var ofSession = (caller as RoleSession)?.SessionPolicy?.Ask(request);

        if (ofResource.Denies || ofSession is { Denies: true } || identity.Any(verdict => verdict.Denies)) return false;
        if (ofResource.AllowsAs == PrincipalMatch.Session) return true;
        var permitted = identity.Any(verdict => verdict.Allows) || ofResource.AllowsAs == PrincipalMatch.Identity;
        return permitted && ofSession is null or { Allows: true };
    }
}
