using Broker.Releases;

namespace Broker.OAuth.Grants;

/// <summary>A session that was narrowed to a role gets that one, on every route.</summary>
internal sealed class NarrowedRoleCheck : IReleaseCheck
{
    private const string Name = "narrowed";

    public PolicyCheck Look(MintRequest request)
    {
        if (request.Caller.Derivation?.Role is not { } role) return new PolicyCheck(Name, "to no role");

        // A token without a role is good for every role that trusts the issuer.
        return request.Role?.Name == role
            ? new PolicyCheck(Name, $"to {role}")
            : PolicyCheck.Refused(
                Name, ExchangeRefusals.RoleNotOfSession, $"the session was narrowed to the role {role}");
    }
}
