using System.Buffers.Text;
using System.Text.Json.Serialization;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Refusals;
using FluentValidation;

namespace Broker.SignIn.Passkey;

/// <summary>
/// Body of <c>POST /v1/auth/passkey/register/verify</c>: what <c>navigator.credentials.create</c> answered, and what
/// the person calls the passkey. Bytes are base64url without padding.
/// </summary>
internal sealed record VerifyPasskeyRegistrationRequest(
    [property: JsonPropertyName("attestation"), JsonRequired] AttestationBody Attestation,
    [property: JsonPropertyName("label")] string? Label = null)
{
    public static async ValueTask<Result<VerifyPasskeyRegistrationRequest>> ReadAsync(
        HttpRequest request, CancellationToken stop)
    {
        var read = await RequestJson.ReadAsync(request, PasskeyJson.Default.VerifyPasskeyRegistrationRequest, stop);
        return read.Refusal is { } unreadable ? unreadable : read.Value.CheckedBy(Rules.Instance);
    }

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
/// <c>POST /v1/auth/passkey/register/verify</c>: keeps the passkey that was made. The challenge, not a bearer, says
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
        HttpContext http, Attempts attempts, PasskeyOwners owners, RegisterPasskey register, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, PasskeyChange.Kind, PasskeyChange.Role);
        var owner = owners.Of(attempt);
        if (owner.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);
        var kept = await register.FinishAsync(attempt, owner.Value, stop);
        return kept.Refusal is { } refusal ? await attempt.RefuseAsync(refusal) : TypedResults.Ok(kept.Value);
    }
}
