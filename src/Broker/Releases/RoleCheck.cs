using Broker.Roles;

namespace Broker.Releases;

/// <summary>The role is one of the catalogue; an OIDC token may go without.</summary>
internal sealed class RoleCheck(LiveRoles live) : IReleaseCheck
{
    private const string Name = "role";

    public PolicyCheck Look(MintRequest request)
    {
        var wanted = request.Wanted;
        if (wanted is { Kind.NeedsRole: false, Role: null })
            return new PolicyCheck(Name, "any that trusts the issuer");

        var roles = live.Current;
        request.Role = roles.Find(wanted.Role ?? RoleCatalogue.DefaultName);
        return request.Role is { } found
            ? new PolicyCheck(Name, $"{found.Name}: {found.Arn}{(found.Via is { } via ? $" by way of {via.Arn}" : "")}")
            : PolicyCheck.Refused(Name, ReleaseRefusals.RoleNotInCatalogue, roles.Names is { Length: > 0 } names
                ? $"role must be one of {names}, or the ARN of one of them"
                : "no role is configured at this broker");
    }
}
