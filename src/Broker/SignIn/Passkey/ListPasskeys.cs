using System.Text.Json.Serialization;
using Broker.Http;
using Broker.Refusals;

namespace Broker.SignIn.Passkey;

/// <summary>Answer of <c>GET /v1/auth/passkey/list</c>, oldest first.</summary>
internal sealed record ListPasskeysAnswer(
    [property: JsonPropertyName("passkeys")] IReadOnlyList<PasskeyItem> Passkeys);

/// <summary>A passkey of the caller's; times in Unix seconds, <c>last_used_at</c> null where it was not used yet.</summary>
internal sealed record PasskeyItem(
    [property: JsonPropertyName("credential_id")] string CredentialId,
    [property: JsonPropertyName("label")] string Label,
    [property: JsonPropertyName("created_at")] long CreatedAt,
    [property: JsonPropertyName("last_used_at")] long? LastUsedAt);

/// <summary><c>GET /v1/auth/passkey/list</c>: the passkeys of the session's actor.</summary>
internal static class ListPasskeys
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/auth/passkey/list", HandleAsync)
        .WithName("listPasskeys")
        .WithSummary("The caller's passkeys")
        .TakesBearer()
        .Produces<ListPasskeysAnswer>()
        .ProducesRefusals(401, 403);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, PasskeyOwners owners, IPasskeyStore passkeys)
    {
        var attempt = attempts.Begin(http, PasskeyChange.Kind, PasskeyChange.Role);
        var owner = owners.OfSession(attempt);
        if (owner.Refusal is { } refusal) return await attempt.RefuseAsync(refusal);
        return TypedResults.Ok(new ListPasskeysAnswer(
        [
            .. passkeys.Of(owner.Value.Omni!.Value).Select(one => new PasskeyItem(
                one.CredentialId, one.Label, one.CreatedAt.ToUnixTimeSeconds(), one.LastUsedAt?.ToUnixTimeSeconds())),
        ]));
    }
}
