using System.Text.Json.Serialization;
using OpenIddict.Server;

namespace Broker.OAuth;

/// <summary>The parameters of our routes as the OpenAPI document shows them; each grant names those that it takes.</summary>
internal sealed record OAuthForm(
    [property: JsonPropertyName("grant_type")] string? GrantType,
    [property: JsonPropertyName("client_id")] string? ClientId,
    [property: JsonPropertyName("client_assertion_type")] string? ClientAssertionType,
    [property: JsonPropertyName("client_assertion")] string? ClientAssertion,
    [property: JsonPropertyName("assertion")] string? Assertion,
    [property: JsonPropertyName("signature")] string? Signature,
    [property: JsonPropertyName("subject_token")] string? SubjectToken,
    [property: JsonPropertyName("subject_token_type")] string? SubjectTokenType,
    [property: JsonPropertyName("actor_token")] string? ActorToken,
    [property: JsonPropertyName("actor_token_type")] string? ActorTokenType,
    [property: JsonPropertyName("requested_token_type")] string? RequestedTokenType,
    [property: JsonPropertyName("audience")] string? Audience,
    [property: JsonPropertyName("role")] string? Role,
    [property: JsonPropertyName("ttl_seconds")] string? LifetimeSeconds,
    [property: JsonPropertyName("mint_request")] string? MintRequest,
    [property: JsonPropertyName("token")] string? Token,
    [property: JsonPropertyName("token_type_hint")] string? TokenTypeHint);

/// <summary>The error body of RFC 6749 §5.2 with our own members.</summary>
internal sealed record OAuthErrorBody(
    [property: JsonPropertyName("error")] string Error,
    [property: JsonPropertyName("error_description")] string ErrorDescription,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("next_step")] string NextStep,
    [property: JsonPropertyName("request_id")] string RequestId);

internal static class OAuthDescriptions
{
    public static string Of(OpenIddictServerEndpointType endpoint) => endpoint switch
    {
        OpenIddictServerEndpointType.Token =>
            "client_credentials: client_assertion_type and client_assertion (private_key_jwt, ES256, aud the issuer, "
            + "jti good once). urn:ietf:params:oauth:grant-type:jwt-bearer: assertion, a JWT by a wallet's or a bound "
            + "device's key (ES256K; iss its address, sub the same or the agent's omni, aud the issuer, jti good once), or "
            + "an EIP-4361 message around a nonce of /v1/auth/wallet/start, with signature, the wallet's. "
            + "urn:ietf:params:oauth:grant-type:token-exchange: subject_token, a session token, "
            + "subject_token_type=urn:ietf:params:oauth:token-type:access_token, audience=sts.amazonaws.com, and "
            + "optionally role, ttl_seconds, or mint_request, the JSON body of /v1/mint-oidc-jwt; or a configured foreign "
            + "issuer's token, subject_token_type=urn:ietf:params:oauth:token-type:jwt, for that or, without audience, for a "
            + "session.",
        OpenIddictServerEndpointType.Introspection =>
            "token, and either a client_assertion or the token itself as the bearer.",
        _ => "token; with a client_assertion the client ends the session, without one its holder does.",
    };
}

[JsonSerializable(typeof(OAuthForm))]
[JsonSerializable(typeof(OAuthErrorBody))]
internal sealed partial class OAuthJson : JsonSerializerContext;
