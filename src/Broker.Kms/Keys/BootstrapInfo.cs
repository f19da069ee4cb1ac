using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Foundation;

namespace Broker.Kms.Keys;

/// <summary>
/// What a bootstrap publishes, in <c>bootstrap-info.json</c>:
/// <c>{"ca_pubkey":"3059…","k256_pubkey":"03…","attestation":"00…"}</c>, compact, lower-case hex.
/// </summary>
internal sealed record BootstrapInfo
{
    [JsonPropertyName("ca_pubkey")]
    public required string CaPublicKey { get; init; }

    [JsonPropertyName("k256_pubkey")]
    public required string K256PublicKey { get; init; }

    [JsonPropertyName("attestation")]
    public required string Attestation { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, BootstrapInfoJson.Default.BootstrapInfo);

    /// <summary>Null when there is no file, or none that can be read: it is for display only.</summary>
    public static BootstrapInfo? Read(KeyDirectory folder)
    {
        if (!folder.Has(KeyDirectory.BootstrapInfo)) return null;
        try
        {
            var info = StrictJson.Deserialize(
                folder.Read(KeyDirectory.BootstrapInfo), BootstrapInfoJson.Default.BootstrapInfo);
            return info.IsHex() ? info : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private bool IsHex() => new[] { CaPublicKey, K256PublicKey, Attestation }
        .All(text => text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit));
}

[JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
[JsonSerializable(typeof(BootstrapInfo))]
internal sealed partial class BootstrapInfoJson : JsonSerializerContext;
