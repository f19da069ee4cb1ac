using System.Text.Json;
using System.Text.Json.Serialization;

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
            return JsonSerializer.Deserialize(
                folder.Read(KeyDirectory.BootstrapInfo), BootstrapInfoJson.Default.BootstrapInfo);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSerializable(typeof(BootstrapInfo))]
internal sealed partial class BootstrapInfoJson : JsonSerializerContext;
