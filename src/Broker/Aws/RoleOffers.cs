using Broker.AwsAccount;
using Broker.Foundation;
using Broker.Identity;
using Broker.Releases;
using Broker.Roles;

namespace Broker.Aws;

/// <summary>Says what a caller may have: the release checks are asked for each role, and take nothing.</summary>
internal sealed class RoleOffers(IssueAwsCredentials issue, MintBudget budget, AwsAccountOptions account)
{
    public ListRolesAnswer Of(VerifiedCaller caller, RoleCatalogue roles, string requestId)
    {
        using var noBody = StrictJson.Parse("{}"u8.ToArray());
        var items = roles.All.Select(role =>
        {
            var request = new MintRequest(caller, issue.Want(role.Name, null), noBody.RootElement, requestId);
            return Item(role, caller, request);
        }).ToList();
        var isLimited = budget.Limit > 0;
        return new ListRolesAnswer(
            caller.Actor.ToString(), caller.Wallet?.ToString(), items,
            isLimited ? budget.Limit : null, isLimited ? budget.Look(caller.Actor).Used : null);
    }

    private RoleItem Item(CatalogueRole role, VerifiedCaller caller, MintRequest request)
    {
        var refusal = issue.Refuse(request);
        var (usual, longest) = issue.Lifetimes(role);
        return new RoleItem(
            role.Name, role.Arn.Text, role.Name == RoleCatalogue.DefaultName, role.Bucket,
            role is { NarrowToOwnPrefix: true, Bucket: not null } ? SessionPolicy.OwnPrefixes(caller, role) : [],
            role.Region ?? account.Region, role.Via?.Arn.Text, (int)usual.TotalSeconds, (int)longest.TotalSeconds,
            refusal is null,
            refusal is null ? null : new RoleRefusal(refusal.Code.Text, refusal.Detail, refusal.Code.NextStep));
    }
}
