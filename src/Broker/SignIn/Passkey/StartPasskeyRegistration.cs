using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Broker.Http;
using Broker.Refusals;

namespace Broker.SignIn.Passkey;

/// <summary>
/// Answer of <c>POST /v1/auth/passkey/register/start</c>: <c>public_key</c> is a
/// <c>PublicKeyCredentialCreationOptionsJSON</c> (WebAuthn §5.4), for
/// <c>PublicKeyCredential.parseCreationOptionsFromJSON</c>.
/// </summary>
internal sealed record StartPasskeyRegistrationAnswer(
    [property: JsonPropertyName("challenge")] string Challenge,
    [property: JsonPropertyName("account")] string Account,
    [property: JsonPropertyName("expires_in_seconds")] int ExpiresInSeconds,
    [property: JsonPropertyName("public_key")] JsonNode PublicKey);

/// <summary>
/// <c>POST /v1/auth/passkey/register/start</c>: a challenge to make a passkey for. With a session the passkey will act
/// for the session's actor; without one, for a new actor of its own.
/// </summary>
internal static class StartPasskeyRegistration
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/v1/auth/passkey/register/start", HandleAsync)
        .WithName("startPasskeyRegistration")
        .WithSummary("A challenge to make a passkey for")
        .TakesBearer()
        .Produces<StartPasskeyRegistrationAnswer>()
        .ProducesRefusals(400, 401, 403, 429, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, PasskeyOwners owners, RegisterPasskey register)
    {
        var attempt = attempts.Begin(http, PasskeyChange.Kind, PasskeyChange.Role);
        var owner = owners.Of(attempt);
        if (owner.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);
        var asked = register.Start(attempt, owner.Value);
        return asked.Refusal is { } refusal ? await attempt.RefuseAsync(refusal) : TypedResults.Ok(asked.Value);
    }
}
