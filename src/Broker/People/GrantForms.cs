using Broker.Grants;
using Broker.Ledger.Writing;

namespace Broker.People;

/// <summary><c>POST /account/grants/revoke</c>: as <c>POST /v1/grant/revoke</c>.</summary>
internal static class GrantForms
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/account/grants/revoke", (
            HttpContext http, AccountForms forms, IGrantStore grants, ReleaseLedger ledger, TimeProvider time,
            CancellationToken stop) => forms.RunAsync(
                http, GrantRelease.Kind, GrantRelease.RequestedRole,
                async (attempt, caller, form) => (await RevokeGrant.RunAsync(
                    attempt, caller, form["grant_id"], grants, ledger, time)).Refusal,
                stop))
        .IsAccountForm("revokeGrantOnPage", "Ends one of the person's grants");
}
