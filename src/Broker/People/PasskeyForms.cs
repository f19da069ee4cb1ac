using Broker.Ledger.Writing;
using Broker.SignIn.Passkey;

namespace Broker.People;

/// <summary><c>POST /account/passkeys/remove</c>: as <c>POST /v1/auth/passkey/remove</c>.</summary>
internal static class PasskeyForms
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/account/passkeys/remove", (
            HttpContext http, AccountForms forms, PasskeyOwners owners, IPasskeyStore passkeys, ReleaseLedger ledger,
            TimeProvider time, CancellationToken stop) => forms.RunAsync(
                http, PasskeyChange.Kind, PasskeyChange.Role,
                async (attempt, _, form) =>
                {
                    var owner = owners.OfSession(attempt);
                    return owner.Refusal ?? await RemovePasskey.RunAsync(
                        attempt, owner.Value, form["credential_id"], passkeys, ledger, time);
                },
                stop))
        .IsAccountForm("removePasskeyOnPage", "Removes one of the person's passkeys");
}
