using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Broker.LocalCloud.Sts;

/// <summary>A compact JWS taken apart, nothing of it believed yet.</summary>
/// <param name="KeyId">The header's <c>kid</c>, or null.</param>
/// <param name="Claims">The payload, an object without duplicate names.</param>
/// <param name="SigningInput">The ASCII bytes that the signature covers.</param>
internal sealed record WebIdentityToken(
    string Algorithm, string? KeyId, JsonElement Claims, byte[] SigningInput, byte[] Signature)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    public static bool TryParse(string compact, [NotNullWhen(true)] out WebIdentityToken? token)
    {
        token = null;
        if (compact.Split('.') is not [var header, var payload, var signature]) return false;
        if (Decode(header) is not { } headerBytes || Decode(payload) is not { } payloadBytes) return false;
        if (Decode(signature) is not { Length: > 0 } signatureBytes) return false;
        if (ParseObject(headerBytes) is not { } fields || ParseObject(payloadBytes) is not { } claims) return false;
        if (Text(fields, "alg") is not { } algorithm || fields.TryGetProperty("crit", out _)) return false;
        token = new(
            algorithm, Text(fields, "kid"), claims, Encoding.ASCII.GetBytes($"{header}.{payload}"), signatureBytes);
        return true;
    }

    /// <summary>A claim that is a string, or null.</summary>
    public string? Text(string claim) => Text(Claims, claim);

    /// <summary>A claim that is an integer (AWS refuses fractions and exponents), or null.</summary>
    public long? Seconds(string claim) =>
        Claims.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.Number
        && value.GetRawText().All(char.IsAsciiDigit) && value.TryGetInt64(out var seconds) ? seconds : null;

    /// <summary>A claim that is a string or a list of strings; null when it is absent or anything else.</summary>
    public IReadOnlyList<string>? Texts(string claim)
    {
        if (!Claims.TryGetProperty(claim, out var value)) return null;
        if (value.ValueKind == JsonValueKind.String) return [value.GetString()!];
        if (value.ValueKind != JsonValueKind.Array) return null;
        var items = value.EnumerateArray().ToArray();
        return items.All(item => item.ValueKind == JsonValueKind.String)
            ? [.. items.Select(item => item.GetString()!)]
            : null;
    }

    private static string? Text(JsonElement fields, string name) =>
        fields.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static byte[]? Decode(string part)
    {
        if (part.Contains('=', StringComparison.Ordinal) || !Base64Url.IsValid(part)) return null;
        return Base64Url.DecodeFromChars(part);
    }

    private static JsonElement? ParseObject(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
