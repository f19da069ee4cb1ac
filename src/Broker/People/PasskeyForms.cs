using Broker.Foundation.Results;
using Broker.Http;
using Broker.Ledger.Writing;
using Broker.Refusals;
using Broker.SignIn.Passkey;

namespace Broker.People;

/// <summary>
/// <c>POST /account/passkeys/start</c> and <c>…/add</c>, which the page's script asks, do what
/// <c>POST /v1/auth/passkey/register/start</c> and <c>…/verify</c> do; <c>…/remove</c>, a form, does what
/// <c>POST /v1/auth/passkey/remove</c> does.
/// </summary>
internal static class PasskeyForms
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/account/passkeys/start", (
                HttpContext http, AccountForms forms, PasskeyOwners owners, RegisterPasskey register) =>
                RunScriptAsync(http, forms, owners, (attempt, owner) =>
                {
                    var asked = register.Start(attempt, owner);
                    return ValueTask.FromResult<Result<IResult>>(
                        asked.Refusal is { } refusal ? refusal : TypedResults.Ok(asked.Value));
                }))
            .WithName("startPasskeyRegistrationOnPage").WithSummary("A challenge to make a passkey for")
            .Produces<StartPasskeyRegistrationAnswer>().ProducesRefusals(400, 401, 403, 429, 500, 503);
        routes.MapPost("/account/passkeys/add", (
                HttpContext http, AccountForms forms, PasskeyOwners owners, RegisterPasskey register,
                CancellationToken stop) => RunScriptAsync(http, forms, owners, async (attempt, owner) =>
                {
                    var kept = await register.FinishAsync(attempt, owner, stop);
                    return kept.Refusal is { } refusal ? refusal : TypedResults.NoContent();
                }))
            .WithName("addPasskeyOnPage").WithSummary("Keeps a passkey that the person made")
            .Accepts<VerifyPasskeyRegistrationRequest>("application/json").Produces(StatusCodes.Status204NoContent)
            .ProducesRefusals(400, 401, 403, 413, 415, 500, 503);
        routes.MapPost("/account/passkeys/remove", (
                HttpContext http, AccountForms forms, PasskeyOwners owners, IPasskeyStore passkeys,
                ReleaseLedger ledger, TimeProvider time, CancellationToken stop) => forms.RunAsync(
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

    private static Task<IResult> RunScriptAsync(
        HttpContext http, AccountForms forms, PasskeyOwners owners,
        Func<Attempt, PasskeyOwner, ValueTask<Result<IResult>>> change) => forms.RunScriptAsync(
            http, PasskeyChange.Kind, PasskeyChange.Role, async attempt =>
            {
                var owner = owners.OfSession(attempt);
                return owner.Refusal is { } refusal ? refusal : await change(attempt, owner.Value);
            });
}
