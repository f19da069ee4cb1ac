using Broker.Releases;

namespace Broker.OAuth.Clients;

/// <summary>
/// An OAuth client gets the roles that the operator gave it, on every route, and none once it left the file: its
/// sessions live on for a while, what they may have does not.
/// </summary>
internal sealed class ClientRoleCheck(OAuthClients clients) : IReleaseCheck
{
    private const string Name = "client";

    public PolicyCheck Look(MintRequest request)
    {
        if (request.Caller.ClientId is not { } id) return new PolicyCheck(Name, "none: the caller acts for itself");
        if (OAuthClients.NamesItsDocument(id)) return new PolicyCheck(Name, $"{id}, for a person, with every role");
        if (clients.Known(id) is not { } client)
            return PolicyCheck.Refused(Name, ClientRefusals.ClientGone, $"{id} is not a client any more");
        if (client.Roles is not { } roles) return new PolicyCheck(Name, $"{id}, with every role");

        // A token without a role is good for every role that trusts the issuer.
        return request.Role is { } role && (roles.Contains(role.Name) || roles.Contains(role.Arn.Text))
            ? new PolicyCheck(Name, $"{id}, with {role.Name}")
            : PolicyCheck.Refused(Name, ClientRefusals.RoleNotOfClient, roles.Count > 0
                ? $"{id} must ask for a role of {string.Join(", ", roles)}"
                : $"{id} has no role");
    }
}
