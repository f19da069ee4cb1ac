using System.Globalization;
using Broker.LocalCloud.Policies;

namespace Broker.LocalCloud.Identity;

/// <summary>A caller who signs with the temporary credentials of an assumed role.</summary>
/// <param name="Tags">Session tags; keys compare without case, as on AWS.</param>
/// <param name="TransitiveTagKeys">Those of the tags that pass on when this session assumes another role.</param>
/// <param name="SessionPolicy">What the session was narrowed to when it was made, or null.</param>
/// <param name="FederatedProvider">The ARN of the OIDC provider whose token made the session, or null.</param>
internal sealed record RoleSession(
    IamRole Role, string SessionName, IReadOnlyDictionary<string, string> Tags, IReadOnlySet<string> TransitiveTagKeys,
    string? SourceIdentity, PolicyDocument? SessionPolicy, string? FederatedProvider, DateTimeOffset IssuedAt)
    : Principal(
        Role.Account, Identity.Arn.AssumedRole(Role.Account, Role.Name, SessionName), $"{Role.RoleId}:{SessionName}",
        [
            .. OfAccount(Role.Account),
            new("AWS", Role.Arn, PrincipalMatch.Identity),
            new("AWS", Identity.Arn.AssumedRole(Role.Account, Role.Name, SessionName), PrincipalMatch.Session),
        ],
        Role.Policies)
{
    public override IEnumerable<KeyValuePair<string, string[]>> ConditionKeys()
    {
        foreach (var key in base.ConditionKeys()) yield return key;
        yield return new("aws:PrincipalArn", [Role.Arn]);
        yield return new("aws:PrincipalType", ["AssumedRole"]);
        yield return new(
            "aws:TokenIssueTime", [IssuedAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)]);
        foreach (var (name, value) in Tags) yield return new($"aws:PrincipalTag/{name}", [value]);
        if (SourceIdentity is not null) yield return new("aws:SourceIdentity", [SourceIdentity]);
        if (FederatedProvider is not null) yield return new("aws:FederatedProvider", [FederatedProvider]);
    }
}
