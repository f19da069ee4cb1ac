using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Attestation.Measurements;
using Broker.Attestation.SevSnp.Reports;
using Broker.Attestation.VirtualMachine;
using Broker.Foundation;

namespace Broker.Attestation.SevSnp.Dstack;

/// <summary>
/// What the host started a guest for, version 3: the app, its instance and who gives it keys. It is proven by
/// HOST_DATA, which is the hash of its text as sent. So it is never written anew.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record MrConfigDocument
{
    /// <summary>Real ones have some 500 characters.</summary>
    public const int MaxLength = 64 * 1024;

    [JsonPropertyName("version")]
    public int Version { get; init; } = 3;

    /// <summary>20 bytes.</summary>
    [JsonPropertyName("app_id"), JsonConverter(typeof(HexBytesConverter)), JsonRequired]
    public ReadOnlyMemory<byte> AppId { get; init; }

    /// <summary>32 bytes.</summary>
    [JsonPropertyName("compose_hash"), JsonConverter(typeof(HexBytesConverter)), JsonRequired]
    public ReadOnlyMemory<byte> ComposeHash { get; init; }

    /// <summary>32 bytes, or none.</summary>
    [JsonPropertyName("gpu_policy_hash"), JsonConverter(typeof(HexBytesConverter))]
    public ReadOnlyMemory<byte> GpuPolicyHash { get; init; }

    /// <summary>20 bytes, or none.</summary>
    [JsonPropertyName("instance_id"), JsonConverter(typeof(HexBytesConverter))]
    public ReadOnlyMemory<byte> InstanceId { get; init; }

    /// <summary>One of <c>none</c>, <c>local</c>, <c>kms</c>, <c>tpm</c>.</summary>
    [JsonPropertyName("key_provider"), JsonRequired]
    public string KeyProvider { get; init; } = "";

    [JsonPropertyName("key_provider_id"), JsonConverter(typeof(HexBytesConverter))]
    public ReadOnlyMemory<byte> KeyProviderId { get; init; }

    /// <summary>In hex, of 32 bytes each; null where the app knows no init scripts.</summary>
    [JsonPropertyName("init_script_hashes")]
    public IReadOnlyList<string>? InitScriptHashes { get; init; }

    /// <summary>Reads a document that HOST_DATA stands for, and no other.</summary>
    public static SnpOutcome<MrConfigDocument> Read(string text, ReadOnlySpan<byte> hostData)
    {
        if (text.Length > MaxLength) return Malformed($"{text.Length} characters, at most {MaxLength}");
        var digest = MrConfigId.DocumentDigest(text);
        if (!hostData.SequenceEqual(digest))
        {
            return new SnpRefusal(
                SnpRefusalReason.HostDataMismatch,
                $"amd sev-snp HOST_DATA mismatch, quoted: {Convert.ToHexStringLower(hostData)},"
                + $" expected: {Convert.ToHexStringLower(digest)}");
        }

        try
        {
            var document = StrictJson.Deserialize(
                Encoding.UTF8.GetBytes(text), DstackLaunchJson.Default.MrConfigDocument);
            return document.Fault() is { } fault ? Malformed(fault) : document;
        }
        catch (JsonException wrong)
        {
            return Malformed(StrictJson.Reason(wrong));
        }
    }

    /// <summary>The webhook's <c>keyProviderInfo</c>: JSON of name and id.</summary>
    public byte[] KeyProviderInfo()
    {
        var name = KeyProvider == "local" ? "local-sgx" : KeyProvider;
        return Encoding.ASCII.GetBytes(
            $"{{\"name\":\"{name}\",\"id\":\"{Convert.ToHexStringLower(KeyProviderId.Span)}\"}}");
    }

    private string? Fault()
    {
        if (Version != 3) return $"version {Version}";
        if (AppId.Length != 20) return $"app_id of {AppId.Length} bytes";
        if (ComposeHash.Length != 32) return $"compose_hash of {ComposeHash.Length} bytes";
        if (GpuPolicyHash.Length is not (0 or 32)) return $"gpu_policy_hash of {GpuPolicyHash.Length} bytes";
        if (InstanceId.Length is not (0 or 20)) return $"instance_id of {InstanceId.Length} bytes";
        if (KeyProvider is not ("none" or "local" or "kms" or "tpm")) return "unknown key_provider";
        return InitScriptHashes?.Any(hash => hash is not { Length: 64 } || !hash.All(char.IsAsciiHexDigit)) == true
            ? "an init_script_hash that is not 32 bytes in hex"
            : null;
    }

    private static SnpRefusal Malformed(string detail)
        => new(SnpRefusalReason.MrConfigMalformed, $"failed to parse mr_config document: {detail}");
}
