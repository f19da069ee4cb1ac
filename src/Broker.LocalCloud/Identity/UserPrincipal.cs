using Broker.LocalCloud.Policies;

namespace Broker.LocalCloud.Identity;

/// <summary>A caller who signs with a user's own key.</summary>
internal sealed record UserPrincipal(IamUser User) : Principal(
    User.Account, User.Arn, User.UserId,
    [.. OfAccount(User.Account), new("AWS", User.Arn, PrincipalMatch.Identity)], User.Policies)
{
    public override IEnumerable<KeyValuePair<string, string[]>> ConditionKeys() =>
    [
        .. base.ConditionKeys(),
        new("aws:PrincipalArn", [User.Arn]),
        new("aws:PrincipalType", ["User"]),
        new("aws:username", [User.Name]),
    ];
}
