using System.Buffers.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Broker.Cryptography;
using Broker.Http;
using Broker.Ledger;
using Broker.Ledger.Refusals;
using Broker.LedgerHosting;
using Broker.Refusals;
using Broker.Sessions;
using FluentValidation;

namespace Broker.SignIn.Passkey;

/// <summary>
/// Body of <c>POST /v1/auth/passkey/start</c> (contract §2.13); without <c>omni_account</c> whoever the passkey belongs
/// to signs in.
/// </summary>
internal sealed record StartPasskeySignInRequest(
    [property: JsonPropertyName("omni_account")] string? OmniAccount = null);

/// <summary>
/// Answer of <c>POST /v1/auth/passkey/start</c>: <c>challenge</c> in base64url, <c>account</c> as it was asked for, and
/// <c>public_key</c>, a <c>PublicKeyCredentialRequestOptionsJSON</c> (WebAuthn §5.5).
/// </summary>
internal sealed record StartPasskeySignInAnswer(
    [property: JsonPropertyName("challenge")] string Challenge,
    [property: JsonPropertyName("account")] string Account,
    [property: JsonPropertyName("expires_in_seconds")] int ExpiresInSeconds,
    [property: JsonPropertyName("public_key")] JsonNode PublicKey);

/// <summary>
/// <c>POST /v1/auth/passkey/start</c>: a challenge for a passkey to sign. The answer is the same for an account that
/// does not exist.
/// </summary>
internal static class StartPasskeySignIn
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/auth/passkey/start", HandleAsync)
        .WithName("startPasskeySignIn")
        .WithSummary("A challenge for a passkey to sign")
        .Accepts<StartPasskeySignInRequest>("application/json")
        .Produces<StartPasskeySignInAnswer>()
        .ProducesRefusals(400, 413, 415, 429, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, PasskeyLimit limit, DiskReserve disk,
        PasskeyVerifier verifier, ICeremonies ceremonies, TimeProvider time, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole);
        var read = await RequestJson.ReadAsync(
            http.Request, PasskeyJson.Default.StartPasskeySignInRequest, stop, optional: true);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);
        var wanted = read.Value.CheckedBy(Rules.Instance);
        if (wanted.Refusal is { } invalid) return await attempt.RefuseAsync(invalid);
        if (limit.Take(ClientAddress.Of(http)) is { } tooMany) return await attempt.RefuseAsync(tooMany);
        if (disk.IsReached) return new ErrorAnswer(LedgerRefusals.DiskIsNearlyFull());

        ActorOmni? omni = ActorOmni.TryParse(wanted.Value.OmniAccount, out var named) ? named : null;
        var asked = verifier.NewSignIn();
        ceremonies.Add(new Ceremony(
            Sha256Digest.Of(asked.Challenge), IsRegistration: false, null, omni, null,
            time.GetUtcNow() + Ceremony.Lifetime));
        return TypedResults.Ok(new StartPasskeySignInAnswer(
            Base64Url.EncodeToString(asked.Challenge), omni?.ToString() ?? "", (int)Ceremony.Lifetime.TotalSeconds,
            JsonNode.Parse(asked.ToJson())!));
    }

    private sealed class Rules : AbstractValidator<StartPasskeySignInRequest>
    {
        public static readonly Rules Instance = new();

        private Rules() => RuleFor(request => request.OmniAccount)
            .Must(omni => omni is null || ActorOmni.TryParse(omni, out _))
            .WithName("omni_account").WithMessage("omni_account must be 64 lower-case hex digits");
    }
}
