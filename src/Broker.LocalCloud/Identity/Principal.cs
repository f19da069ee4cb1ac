using Broker.LocalCloud.Policies;

namespace Broker.LocalCloud.Identity;

/// <summary>Whoever signed a request: a user, or the session of a role.</summary>
/// <param name="Arn">As <c>GetCallerIdentity</c> shows it.</param>
/// <param name="UserId">The user's id, or <c>role id:session name</c>.</param>
/// <param name="Names">The names under which a policy's <c>Principal</c> may mean this caller.</param>
/// <param name="Policies">The identity policies of the user or of the role.</param>
internal abstract record Principal(
    string Account, string Arn, string UserId, IReadOnlyList<PrincipalName> Names,
    IReadOnlyList<PolicyDocument> Policies)
{
    /// <summary>The condition keys that describe the caller in every request it makes.</summary>
    public virtual IEnumerable<KeyValuePair<string, string[]>> ConditionKeys() =>
    [
        new("aws:PrincipalAccount", [Account]),
        new("aws:userid", [UserId]),
    ];

    protected static IReadOnlyList<PrincipalName> OfAccount(string account) =>
    [
        new("AWS", account, PrincipalMatch.Account),
        new("AWS", Identity.Arn.Root(account), PrincipalMatch.Account),
    ];
}
