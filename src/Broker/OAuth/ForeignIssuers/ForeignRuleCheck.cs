using Broker.Releases;
using Broker.Tokens;

namespace Broker.OAuth.ForeignIssuers;

/// <summary>
/// Whoever a foreign issuer vouched for gets what the rule allows, on every route, and nothing once the rule or the
/// issuer left the file: its sessions live on for a while, what they may have does not.
/// </summary>
internal sealed class ForeignRuleCheck(LiveIssuers issuers) : IReleaseCheck
{
    private const string Name = "foreign_rule";

    public PolicyCheck Look(MintRequest request)
    {
        if (request.Caller.Workload is not { } workload) return new PolicyCheck(Name, "none: not a workload");
        if (issuers.Find(workload.Issuer)?.Rules.FirstOrDefault(one => one.Name == workload.Rule) is not { } rule)
        {
            return PolicyCheck.Refused(Name, ForeignRefusals.RuleGone,
                $"the rule {workload.Rule} of {workload.Issuer} is not there any more");
        }

        var audience = request.Wanted.Audience ?? Audiences.Aws;
        if (!rule.Audiences.Contains(audience)) return NotOf(rule, $"the audience {string.Join(", ", rule.Audiences)}");
        if (audience != Audiences.Aws) return new PolicyCheck(Name, $"{rule.Name}, for {audience}");

        // A token without a role is good for every role that trusts the issuer.
        return request.Role is { } role && (rule.Roles.Contains(role.Name) || rule.Roles.Contains(role.Arn.Text))
            ? new PolicyCheck(Name, $"{rule.Name}, with {role.Name}")
            : NotOf(rule, $"a role of {string.Join(", ", rule.Roles)}");
    }

    private static PolicyCheck NotOf(ForeignRule rule, string allowed) => PolicyCheck.Refused(
        Name, ForeignRefusals.NotOfRule, $"the rule {rule.Name} gives {allowed}");
}
