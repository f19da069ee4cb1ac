using System.Buffers.Text;
using System.Text.Json.Serialization;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Refusals;
using Broker.Sessions;
using FluentValidation;

namespace Broker.SignIn.Passkey;

/// <summary>
/// Body of <c>POST /v1/auth/passkey/verify</c> (contract §2.13): the challenge, and what
/// <c>navigator.credentials.get</c> answered. Bytes are base64url without padding.
/// </summary>
internal sealed record VerifyPasskeySignInRequest(
    [property: JsonPropertyName("challenge"), JsonRequired] string Challenge,
    [property: JsonPropertyName("assertion"), JsonRequired] AssertionBody Assertion);

internal sealed record AssertionBody(
    [property: JsonPropertyName("credential_id"), JsonRequired] string CredentialId,
    [property: JsonPropertyName("authenticator_data"), JsonRequired] string AuthenticatorData,
    [property: JsonPropertyName("client_data_json"), JsonRequired] string ClientDataJson,
    [property: JsonPropertyName("signature"), JsonRequired] string Signature,
    [property: JsonPropertyName("user_handle")] string? UserHandle = null)
{
    /// <summary>Of a body whose fields were checked.</summary>
    public Assertion Decode() => new(
        CredentialId, Base64Url.DecodeFromChars(AuthenticatorData), Base64Url.DecodeFromChars(ClientDataJson),
        Base64Url.DecodeFromChars(Signature), UserHandle is null ? null : Base64Url.DecodeFromChars(UserHandle));
}

/// <summary>Answer of <c>POST /v1/auth/passkey/verify</c>.</summary>
internal sealed record VerifyPasskeySignInAnswer(
    [property: JsonPropertyName("session_jwt")] string SessionToken,
    [property: JsonPropertyName("session_jwt_kid")] string KeyId,
    [property: JsonPropertyName("expires_at")] long ExpiresAt,
    [property: JsonPropertyName("omni_account")] string OmniAccount,
    [property: JsonPropertyName("identity_type")] string IdentityType,
    [property: JsonPropertyName("identity_value")] string IdentityValue,
    [property: JsonPropertyName("audit_record_id")] string AuditRecordId);

/// <summary>
/// <c>POST /v1/auth/passkey/verify</c>: a session token for whoever holds the passkey. The challenge is taken first, so
/// any failed attempt burns it.
/// </summary>
internal static class VerifyPasskeySignIn
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/auth/passkey/verify", HandleAsync)
        .WithName("verifyPasskeySignIn")
        .WithSummary("A session token for a passkey's signature")
        .Accepts<VerifyPasskeySignInRequest>("application/json")
        .Produces<VerifyPasskeySignInAnswer>()
        .ProducesRefusals(400, 401, 413, 415, 500, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, ProvePasskey prove, IssueSession issue, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole);
        var verified = await RunAsync(attempt, prove, issue, stop);
        if (verified.Refusal is { } refusal) return await attempt.RefuseAsync(refusal);
        var issued = verified.Value;
        return TypedResults.Ok(new VerifyPasskeySignInAnswer(
            issued.Token, issued.KeyId, issued.ExpiresAt.ToUnixTimeSeconds(), issued.Identity.Omni.ToString(),
            issued.Identity.Type, issued.Identity.Value, issued.RecordId));
    }

    /// <summary>Whatever signs in by passkey comes here: the route, and the broker's own page.</summary>
    public static async ValueTask<Result<IssuedSession>> RunAsync(
        Attempt attempt, ProvePasskey prove, IssueSession issue, CancellationToken stop)
    {
        var read = await RequestJson.ReadAsync(attempt.Request, PasskeyJson.Default.VerifyPasskeySignInRequest, stop);
        if (read.Refusal is { } unreadable) return unreadable;
        var wanted = read.Value.CheckedBy(Rules.Instance);
        if (wanted.Refusal is { } invalid) return invalid;

        // Who signed? Takes the challenge, checks the signature, moves the counter on.
        var proven = await prove.RunAsync(wanted.Value, attempt, stop);
        if (proven.Refusal is { } unproven) return unproven;

        // On record, then signed.
        return await issue.RunAsync(proven.Value, ProvePasskey.How, attempt.RequestId);
    }

    private sealed class Rules : AbstractValidator<VerifyPasskeySignInRequest>
    {
        public static readonly Rules Instance = new();

        private Rules()
        {
            RuleFor(request => request.Challenge).Base64UrlOf("challenge", PasskeyVerifier.ChallengeLength);
            RuleFor(request => request.Assertion.CredentialId)
                .Base64UrlOf("credential_id", PasskeyFields.LongestCredentialId);
            RuleFor(request => request.Assertion.AuthenticatorData)
                .Base64UrlOf("authenticator_data", PasskeyFields.LongestAuthenticatorData);
            RuleFor(request => request.Assertion.ClientDataJson).Base64UrlOf("client_data_json", ClientData.Longest);
            RuleFor(request => request.Assertion.Signature).Base64UrlOf("signature", PasskeyFields.LongestSignature);
            RuleFor(request => request.Assertion.UserHandle)
                .Base64UrlOf("user_handle", PasskeyFields.LongestUserHandle)
                .When(request => request.Assertion.UserHandle is not null);
        }
    }
}
