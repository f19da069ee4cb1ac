using System.Text.Json;
using System.Text.Json.Serialization;

namespace Broker.OAuth.ForeignIssuers;

/// <summary>The whole file.</summary>
internal sealed record WrittenIssuers([property: JsonPropertyName("issuers"), JsonRequired] WrittenIssuer[] Issuers);

/// <summary>An issuer as the file has it.</summary>
internal sealed record WrittenIssuer(
    [property: JsonPropertyName("rules"), JsonRequired] WrittenRule[] Rules,
    [property: JsonPropertyName("preset")] string? Preset = null,
    [property: JsonPropertyName("issuer")] string? Issuer = null,
    [property: JsonPropertyName("audience")] string? Audience = null,
    [property: JsonPropertyName("algorithms")] string[]? Algorithms = null,
    [property: JsonPropertyName("jwks_uri")] string? JwksUri = null,
    [property: JsonPropertyName("jwks")] JsonElement? Jwks = null,
    [property: JsonPropertyName("max_token_seconds")] int? LongestToken = null,
    [property: JsonPropertyName("single_use")] bool? IsSingleUse = null);

/// <summary>A rule as the file has it.</summary>
internal sealed record WrittenRule(
    [property: JsonPropertyName("name"), JsonRequired] string Name,
    [property: JsonPropertyName("claims"), JsonRequired] JsonElement Claims,
    [property: JsonPropertyName("roles"), JsonRequired] string[] Roles,
    [property: JsonPropertyName("audiences")] string[]? Audiences = null,
    [property: JsonPropertyName("token_types")] string[]? TokenTypes = null,
    [property: JsonPropertyName("max_session_seconds")] int? LongestSession = null);

[JsonSerializable(typeof(WrittenIssuers))]
[JsonSourceGenerationOptions(
    RespectNullableAnnotations = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
internal sealed partial class ForeignIssuersJson : JsonSerializerContext;
