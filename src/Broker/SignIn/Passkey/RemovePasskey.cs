using System.Text.Json.Serialization;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Ledger.Writing;
using Broker.Refusals;

namespace Broker.SignIn.Passkey;

/// <summary>Body of <c>POST /v1/auth/passkey/remove</c>.</summary>
internal sealed record RemovePasskeyRequest(
    [property: JsonPropertyName("credential_id"), JsonRequired] string CredentialId);

/// <summary>
/// <c>POST /v1/auth/passkey/remove</c>: the passkey signs nobody in from the answer on. Sessions that it began live on
/// until they end. An actor that began with its only passkey cannot come back without it.
/// </summary>
internal static class RemovePasskey
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/auth/passkey/remove", HandleAsync)
        .WithName("removePasskey")
        .WithSummary("Remove one of the caller's passkeys")
        .TakesBearer()
        .Accepts<RemovePasskeyRequest>("application/json")
        .Produces(StatusCodes.Status204NoContent)
        .ProducesRefusals(400, 401, 403, 413, 415, 500, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, PasskeyOwners owners, IPasskeyStore passkeys, ReleaseLedger ledger,
        TimeProvider time, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, PasskeyChange.Kind, PasskeyChange.Role);
        var owner = owners.OfSession(attempt);
        if (owner.Refusal is { } refusal) return await attempt.RefuseAsync(refusal);
        var read = await RequestJson.ReadAsync(http.Request, PasskeyJson.Default.RemovePasskeyRequest, stop);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);

        return await RunAsync(attempt, owner.Value, read.Value.CredentialId, passkeys, ledger, time) is { } unknown
            ? await attempt.RefuseAsync(unknown)
            : TypedResults.NoContent();
    }

    /// <summary>
    /// Whatever removes a passkey comes here: the route, and the broker's own page. Null when it is removed.
    /// </summary>
    public static async ValueTask<Refusal?> RunAsync(
        Attempt attempt, PasskeyOwner owner, string credentialId, IPasskeyStore passkeys, ReleaseLedger ledger,
        TimeProvider time)
    {
        // Foreign and unknown ones are told alike.
        var omni = owner.Omni!.Value;
        if (passkeys.Find(credentialId) is not { } passkey || passkey.Omni != omni
            || !passkeys.Remove(omni, passkey.CredentialId))
            return new Refusal(PasskeyRefusals.UnknownPasskey, "the caller has no such passkey");

        // Removed first: a ledger that cannot write must not keep a lost passkey alive.
        await ledger.AppendAsync(
            PasskeyChange.Removed(passkey, attempt.Bearer?.Hash, attempt.RequestId, time.GetUtcNow()),
            CancellationToken.None);
        return null;
    }
}
