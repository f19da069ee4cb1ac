using System.Buffers.Text;
using System.Text.Json.Serialization;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Refusals;
using FluentValidation;

namespace Broker.SignIn.Passkey;

/// <summary>
/// Body of <c>POST /v1/auth/passkey/register/verify</c>: what <c>navigator.credentials.create</c> answered, and what
/// the person calls the passkey. Bytes are base64url without padding.
/// </summary>
internal sealed record VerifyPasskeyRegistrationRequest(
    [property: JsonPropertyName("attestation"), JsonRequired] AttestationBody Attestation,
    [property: JsonPropertyName("label")] string? Label = null);

internal sealed record AttestationBody(
    [property: JsonPropertyName("credential_id"), JsonRequired] string CredentialId,
    [property: JsonPropertyName("attestation_object"), JsonRequired] string AttestationObject,
    [property: JsonPropertyName("client_data_json"), JsonRequired] string ClientDataJson)
{
    /// <summary>Of a body whose fields were checked.</summary>
    public Attestation Decode() => new(
        CredentialId, Base64Url.DecodeFromChars(AttestationObject), Base64Url.DecodeFromChars(ClientDataJson));
}

/// <summary>Answer of <c>POST /v1/auth/passkey/register/verify</c>.</summary>
internal sealed record VerifyPasskeyRegistrationAnswer(
    [property: JsonPropertyName("credential_id")] string CredentialId,
    [property: JsonPropertyName("omni_account")] string OmniAccount,
    [property: JsonPropertyName("label")] string Label,
    [property: JsonPropertyName("created_at")] long CreatedAt,
    [property: JsonPropertyName("audit_record_id")] string AuditRecordId);

/// <summary>
/// <c>POST /v1/auth/passkey/register/verify</c>: keeps the passkey that was made. The challenge is taken first, so any
/// failed attempt burns it; the registration is on record before the passkey counts. The challenge, not a bearer, says
/// whose it is: it was given to a session, or to nobody.
/// </summary>
internal static class VerifyPasskeyRegistration
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/v1/auth/passkey/register/verify", HandleAsync)
        .WithName("verifyPasskeyRegistration")
        .WithSummary("Keep a passkey that was made")
        .TakesBearer()
        .Accepts<VerifyPasskeyRegistrationRequest>("application/json")
        .Produces<VerifyPasskeyRegistrationAnswer>()
        .ProducesRefusals(400, 401, 403, 413, 415, 500, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, PasskeyOwners owners, ICeremonies ceremonies, PasskeyVerifier verifier,
        IPasskeyStore passkeys, ReleaseLedger ledger, IdentityOptions identities, TimeProvider time,
        CancellationToken stop)
    {
        var attempt = attempts.Begin(http, PasskeyChange.Kind, PasskeyChange.Role);
        var owner = owners.Of(attempt);
        if (owner.Refusal is { } refusal) return await attempt.RefuseAsync(refusal);
        var read = await RequestJson.ReadAsync(
            http.Request, PasskeyJson.Default.VerifyPasskeyRegistrationRequest, stop);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);
        var wanted = read.Value.CheckedBy(Rules.Instance);
        if (wanted.Refusal is { } invalid) return await attempt.RefuseAsync(invalid);

        // Which challenge is answered? It is spent, whatever comes of it.
        var attestation = wanted.Value.Attestation.Decode();
        var challenge = ClientData.ChallengeOf(attestation.ClientDataJson);
        if (challenge is null
            || ceremonies.Take(Sha256Digest.Of(challenge), isRegistration: true) is not { } ceremony
            || ceremony.Omni != owner.Value.Omni)
        {
            return await attempt.RefuseAsync(new Refusal(
                PasskeyRefusals.InvalidRegistration,
                "the challenge is not one of this caller's, was used already, or has expired"));
        }

        var made = await verifier.CheckAsync(attestation, challenge, ceremony.UserHandle!, stop);
        if (made.Refusal is { } wrong) return await attempt.RefuseAsync(wrong);

        // An actor that begins with a passkey is named by it (contract §7.1).
        var id = attestation.CredentialId;
        var passkey = new Passkey(
            id, ceremony.UserHandle!, ceremony.Omni ?? ActorOmni.Of(identities.ClientId, IdentityType.Passkey, id),
            ceremony.Wallet, made.Value.PublicKey, made.Value.SignCount, wanted.Value.Label?.Trim() ?? "passkey",
            time.GetUtcNow(), null);
        if (passkeys.Find(id) is not null) return await attempt.RefuseAsync(KnownAlready());

        // On record, then kept.
        var entry = PasskeyChange.Registered(passkey, attempt.Bearer?.Hash, attempt.RequestId);
        var receipt = await ledger.AppendAsync(entry, CancellationToken.None);
        return passkeys.Add(passkey)
            ? TypedResults.Ok(new VerifyPasskeyRegistrationAnswer(
                id, passkey.Omni.ToString(), passkey.Label, passkey.CreatedAt.ToUnixTimeSeconds(),
                receipt.RecordId.ToString()))
            : await attempt.RefuseAsync(KnownAlready());
    }

    private static Refusal KnownAlready() =>
        new(PasskeyRefusals.InvalidRegistration, "the credential is registered already");

    private sealed class Rules : AbstractValidator<VerifyPasskeyRegistrationRequest>
    {
        public static readonly Rules Instance = new();

        private Rules()
        {
            RuleFor(request => request.Attestation.CredentialId)
                .Base64UrlOf("credential_id", PasskeyFields.LongestCredentialId);
            RuleFor(request => request.Attestation.AttestationObject)
                .Base64UrlOf("attestation_object", PasskeyFields.LongestAttestation);
            RuleFor(request => request.Attestation.ClientDataJson)
                .Base64UrlOf("client_data_json", ClientData.Longest);
            RuleFor(request => request.Label)
                .Must(label => label is null
                    || (label.Trim().Length is > 0 and <= PasskeyFields.LongestLabel && !label.Any(char.IsControl)))
                .WithName("label")
                .WithMessage($"label must be 1 to {PasskeyFields.LongestLabel} characters without control characters");
        }
    }
}
