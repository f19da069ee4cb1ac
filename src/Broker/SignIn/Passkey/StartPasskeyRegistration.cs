using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Ledger;
using Broker.Ledger.Refusals;
using Broker.LedgerHosting;
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
    /// <summary>The most that an actor may have.</summary>
    public const int Most = 20;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/v1/auth/passkey/register/start", HandleAsync)
        .WithName("startPasskeyRegistration")
        .WithSummary("A challenge to make a passkey for")
        .TakesBearer()
        .Produces<StartPasskeyRegistrationAnswer>()
        .ProducesRefusals(400, 401, 403, 429, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, PasskeyOwners owners, PasskeyLimit limit, DiskReserve disk,
        PasskeyVerifier verifier, IPasskeyStore passkeys, ICeremonies ceremonies, TimeProvider time)
    {
        var attempt = attempts.Begin(http, PasskeyChange.Kind, PasskeyChange.Role);
        var owner = owners.Of(attempt);
        if (owner.Refusal is { } refusal) return await attempt.RefuseAsync(refusal);
        if (limit.Take(ClientAddress.Of(http)) is { } tooMany) return await attempt.RefuseAsync(tooMany);
        if (disk.IsReached) return new ErrorAnswer(LedgerRefusals.DiskIsNearlyFull());

        var (omni, wallet) = (owner.Value.Omni, owner.Value.Wallet);
        var known = omni is { } actor ? passkeys.Of(actor) : [];
        if (known.Count >= Most)
        {
            return await attempt.RefuseAsync(
                new Refusal(PasskeyRefusals.TooManyPasskeys, $"this actor has {Most} passkeys, and may not have more"));
        }

        var handle = omni is { } existing ? HandleOf(existing) : RandomNumberGenerator.GetBytes(32);
        var account = wallet?.ToString() ?? omni?.ToString() ?? "new account";
        var asked = verifier.NewRegistration(handle, account, known);
        ceremonies.Add(new Ceremony(
            Sha256Digest.Of(asked.Challenge), IsRegistration: true, handle, omni, wallet,
            time.GetUtcNow() + Ceremony.Lifetime));
        return TypedResults.Ok(new StartPasskeyRegistrationAnswer(
            Base64Url.EncodeToString(asked.Challenge), omni?.ToString() ?? "", (int)Ceremony.Lifetime.TotalSeconds,
            JsonNode.Parse(asked.ToJson())!));
    }

    // The same for all passkeys of an actor, so that an authenticator replaces its own; it tells nothing of a person.
    private static byte[] HandleOf(ActorOmni omni) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"agentkeys passkey user\n{omni}"));
}
