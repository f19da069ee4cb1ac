using System.Text.Json;
using System.Text.Json.Serialization;

namespace Broker.OAuth.Clients;

/// <summary>A client as the file has it: the metadata of RFC 7591 §2, its <c>client_id</c> and secret, and our own
/// <c>roles</c>.</summary>
internal sealed record WrittenClient(
    [property: JsonPropertyName("client_id"), JsonRequired] string ClientId,
    [property: JsonPropertyName("client_secret")] string? Secret = null,
    [property: JsonPropertyName("client_name")] string? Name = null,
    [property: JsonPropertyName("token_endpoint_auth_method")] string? AuthenticationMethod = null,
    [property: JsonPropertyName("jwks")] WrittenKeys? Jwks = null,
    [property: JsonPropertyName("redirect_uris")] string[]? RedirectUris = null,
    [property: JsonPropertyName("grant_types")] string[]? GrantTypes = null,
    [property: JsonPropertyName("scope")] string? Scope = null,
    [property: JsonPropertyName("roles")] string[]? Roles = null)
{
    // Metadata of RFC 7591 and OpenID Connect Registration that changes nothing here.
    [JsonPropertyName("application_type")]
    public JsonElement ApplicationType { get; init; }

    [JsonPropertyName("client_id_issued_at")]
    public JsonElement IssuedAt { get; init; }

    [JsonPropertyName("client_secret_expires_at")]
    public JsonElement SecretExpiresAt { get; init; }

    [JsonPropertyName("client_uri")]
    public JsonElement ClientUri { get; init; }

    [JsonPropertyName("contacts")]
    public JsonElement Contacts { get; init; }

    [JsonPropertyName("logo_uri")]
    public JsonElement LogoUri { get; init; }

    [JsonPropertyName("policy_uri")]
    public JsonElement PolicyUri { get; init; }

    [JsonPropertyName("response_types")]
    public JsonElement ResponseTypes { get; init; }

    [JsonPropertyName("software_id")]
    public JsonElement SoftwareId { get; init; }

    [JsonPropertyName("software_version")]
    public JsonElement SoftwareVersion { get; init; }

    [JsonPropertyName("token_endpoint_auth_signing_alg")]
    public JsonElement SigningAlgorithm { get; init; }

    [JsonPropertyName("tos_uri")]
    public JsonElement TermsUri { get; init; }
}

internal sealed record WrittenKeys([property: JsonPropertyName("keys"), JsonRequired] WrittenKey[] Keys);

/// <summary>A public key; a private one has members that are not known here, and is refused.</summary>
internal sealed record WrittenKey(
    [property: JsonPropertyName("kty"), JsonRequired] string Kty,
    [property: JsonPropertyName("crv"), JsonRequired] string Crv,
    [property: JsonPropertyName("x"), JsonRequired] string X,
    [property: JsonPropertyName("y"), JsonRequired] string Y,
    [property: JsonPropertyName("kid")] string? Kid = null,
    [property: JsonPropertyName("alg")] string? Alg = null,
    [property: JsonPropertyName("use")] string? Use = null);

[JsonSerializable(typeof(WrittenClient[]))]
[JsonSourceGenerationOptions(
    RespectNullableAnnotations = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
internal sealed partial class ClientsFileJson : JsonSerializerContext;
