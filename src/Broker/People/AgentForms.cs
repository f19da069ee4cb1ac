using Broker.Agents;
using Broker.Grants;
using Broker.Identity;
using Broker.Ledger.Writing;
using Broker.Sessions;

namespace Broker.People;

/// <summary>
/// The forms for agents: <c>POST /account/agents/claim</c>, <c>…/confirm</c> and <c>…/decline</c> do what
/// <c>POST /v1/agent/pairing/claim</c> and <c>/v1/agent/pending-bindings/…</c> do; <c>…/suspend</c> and
/// <c>…/resume</c> what <c>/v1/grant/path-policies/…</c> do.
/// </summary>
internal static class AgentForms
{
    private const string UsualScope = "memory";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/account/agents/claim", (
                HttpContext http, AccountForms forms, ChangeLimit limit, IPairingStore pairings,
                IPathPolicyStore policies, ReleaseLedger ledger, TimeProvider time, CancellationToken stop) =>
                forms.RunAsync(
                    http, AgentPairing.Kind, AgentPairing.RequestedRole,
                    async (attempt, caller, form) => (await ClaimPairing.RunAsync(
                        attempt, caller, new ClaimPairingRequest(form["pairing_code"], form["label"], UsualScope),
                        limit, pairings, policies, ledger, time)).Refusal,
                    stop))
            .IsAccountForm("claimPairingOnPage", "The person takes a device as an agent");
        routes.MapPost("/account/agents/confirm", (
                HttpContext http, AccountForms forms, IPairingStore pairings, ReleaseLedger ledger, TimeProvider time,
                CancellationToken stop) => forms.RunAsync(
                    http, AgentPairing.Kind, AgentPairing.RequestedRole,
                    async (attempt, caller, form) => (await PendingBindings.ConfirmAsync(
                        attempt, caller, form["request_id"], pairings, ledger, time)).Refusal,
                    stop))
            .IsAccountForm("confirmPairingOnPage", "A claimed device is bound");
        routes.MapPost("/account/agents/decline", (
                HttpContext http, AccountForms forms, IPairingStore pairings, RevokeSession revoke,
                ReleaseLedger ledger, TimeProvider time, CancellationToken stop) => forms.RunAsync(
                    http, AgentPairing.Kind, AgentPairing.RequestedRole,
                    async (attempt, caller, form) => (await PendingBindings.RejectAsync(
                        attempt, caller, form["request_id"], pairings, revoke, ledger, time)).Refusal,
                    stop))
            .IsAccountForm("declinePairingOnPage", "A claimed device is not wanted");
        MapChange(routes, "suspend", isActive: false, "Stops one of the person's agents");
        MapChange(routes, "resume", isActive: true, "Lets a suspended agent go on");
    }

    private static void MapChange(IEndpointRouteBuilder routes, string verb, bool isActive, string summary) =>
        routes.MapPost($"/account/agents/{verb}", (
                HttpContext http, AccountForms forms, ChangeLimit limit, IPathPolicyStore policies,
                ReleaseLedger ledger, TimeProvider time, CancellationToken stop) => forms.RunAsync(
                    http, PathPolicyChange.Kind, PathPolicyChange.RequestedRole,
                    async (attempt, caller, form) => (await PathPolicyRoutes.RunAsync(
                        isActive, attempt, caller, form["derivation_path"], limit, policies, ledger, time)).Refusal,
                    stop))
            .IsAccountForm($"{verb}AgentOnPage", summary);
}
