using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Attestation.Decoding;
using Broker.Foundation;

namespace Broker.Attestation.VirtualMachine;

/// <summary>
/// The shape of a virtual machine as its host describes it (kms-protocol §9.2): what firmware and QEMU measure depends
/// on it. Every member is a claim; unknown members are ignored. The members stand in the reference's order, because
/// <see cref="Canonical"/> is hashed.
/// </summary>
public sealed record VmConfig
{
    /// <summary>The bound on the text; a real one has a few KiB.</summary>
    public const int MaxLength = 1024 * 1024;

    [JsonPropertyName("os_image_hash"), JsonConverter(typeof(HexBytesConverter))]
    public ReadOnlyMemory<byte> OsImageHash { get; init; }

    [JsonPropertyName("cpu_count")]
    public uint CpuCount { get; init; }

    /// <summary>Bytes of guest memory.</summary>
    [JsonPropertyName("memory_size")]
    public ulong MemorySize { get; init; }

    /// <summary>
    /// Overrides what the QEMU version says of the order of page measurements; see <see cref="AddsPagesInTwoPasses"/>.
    /// </summary>
    [JsonPropertyName("qemu_single_pass_add_pages"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? QemuSinglePassAddPages { get; init; }

    [JsonPropertyName("pic"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Pic { get; init; }

    [JsonPropertyName("qemu_version"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? QemuVersion { get; init; }

    [JsonPropertyName("pci_hole64_size")]
    public ulong PciHole64Size { get; init; }

    [JsonPropertyName("hugepages")]
    public bool Hugepages { get; init; }

    [JsonPropertyName("num_gpus")]
    public uint NumGpus { get; init; }

    [JsonPropertyName("num_nvswitches")]
    public uint NumNvswitches { get; init; }

    [JsonIgnore]
    public uint NumNics => NumNicsIfNotOne ?? 1;

    /// <summary>One network card is the default and is not written.</summary>
    [JsonInclude, JsonPropertyName("num_nics"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal uint? NumNicsIfNotOne { get; init => field = value == 1 ? null : value; }

    [JsonPropertyName("num_verity_volumes"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public uint NumVerityVolumes { get; init; }

    [JsonPropertyName("swtpm"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Swtpm { get; init; }

    [JsonPropertyName("hotplug_off")]
    public bool HotplugOff { get; init; }

    [JsonPropertyName("image"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Image { get; init; }

    /// <summary>How the host shares files: <c>9p</c> (or empty), <c>vvfat</c>, <c>vhd</c>.</summary>
    [JsonPropertyName("host_share_mode")]
    public string HostShareMode { get; init => field = value ?? ""; } = "";

    [JsonPropertyName("ovmf_variant"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? OvmfVariant { get; init; }

    /// <summary><c>lite</c> selects the check without a download; anything else but <c>legacy</c> is refused.</summary>
    [JsonInclude, JsonPropertyName("tdx_attestation_variant")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal string? VariantIfNotLegacy { get; init => field = value == "legacy" ? null : value; }

    [JsonIgnore]
    public bool IsLite => VariantIfNotLegacy == "lite";

    [JsonPropertyName("tdx_measurement"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TdxMeasurementDocument? TdxMeasurement { get; init; }

    /// <summary>
    /// Reads a vm_config. The empty text stands for the empty object.
    /// </summary>
    /// <param name="unwrapSysConfig">
    /// Whether a sys-config, which holds its vm_config as a string member of that name, is taken for that vm_config.
    /// The reference's authorisation path does not; its display paths do.
    /// </param>
    public static Decoded<VmConfig> Parse(string json, bool unwrapSysConfig = false)
    {
        if (json.Length == 0) return new VmConfig();
        if (json.Length > MaxLength) return Refused($"{json.Length} characters, at most {MaxLength}");
        try
        {
            var utf8 = Encoding.UTF8.GetBytes(json);
            if (unwrapSysConfig && InnerVmConfig(utf8) is { } inner) return Parse(inner);
            var config = StrictJson.Deserialize(utf8, VmConfigJson.Default.VmConfig);
            return config.VariantIfNotLegacy is null or "lite"
                ? config
                : Refused($"unknown tdx_attestation_variant {config.VariantIfNotLegacy}");
        }
        catch (JsonException fault)
        {
            return Refused(StrictJson.Reason(fault));
        }
    }

    /// <summary>
    /// The text whose SHA-256 names a known-good measurement of this machine: compact, defaults written as the
    /// reference writes them.
    /// </summary>
    public string Canonical() => JsonSerializer.Serialize(this, VmConfigJson.Plain.VmConfig);

    /// <summary>
    /// Whether QEMU added all pages of a section before it measured them (8.x), or page by page (9 and later, and when
    /// nothing says which).
    /// <para>
    /// The override's name promises the opposite of what it does: true selects two passes. So the reference reads it,
    /// and a verifier that disagrees with the reference computes another MRTD.
    /// </para>
    /// </summary>
    /// <returns>Null when the version cannot be read or is below 8, which is not a TDX machine.</returns>
    public bool? AddsPagesInTwoPasses()
    {
        if (!QemuSemanticVersion(out var version) || version.Major < 8) return null;
        return QemuSinglePassAddPages ?? version.Major == 8;
    }

    /// <summary>The QEMU version as three numbers; 9.1.0 when the config names none.</summary>
    internal bool QemuSemanticVersion(out Version version)
    {
        version = new Version(9, 1, 0);
        if (QemuVersion is null) return true;

        // The framework's reader takes signs and white space around each number.
        if (QemuVersion.Any(c => c != '.' && !char.IsAsciiDigit(c))
            || !Version.TryParse(QemuVersion, out var parsed) || parsed is not { Build: >= 0, Revision: < 0 })
        {
            return false;
        }

        version = parsed;
        return true;
    }

    private static string? InnerVmConfig(byte[] json)
    {
        using var document = StrictJson.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty("vm_config", out var inner)
            && inner.ValueKind == JsonValueKind.String
            ? inner.GetString()
            : null;
    }

    private static Decoded<VmConfig> Refused(string error)
        => Decoded<VmConfig>.Refused($"Failed to parse vm config: {error}");
}

/// <summary>What the image's maker measured, for the check without a download.</summary>
/// <param name="ChecksumFile">The image's <c>sha256sum.txt</c>; its SHA-256 is the image's hash.</param>
/// <param name="Measurement">The image's <c>measurement.tdx.cbor</c>, which that file lists.</param>
public sealed record TdxMeasurementDocument(
    [property: JsonPropertyName("checksum_file"), JsonRequired] byte[] ChecksumFile,
    [property: JsonPropertyName("measurement"), JsonRequired] byte[] Measurement);

[JsonSourceGenerationOptions(MaxDepth = 16)]
[JsonSerializable(typeof(VmConfig))]
internal sealed partial class VmConfigJson : JsonSerializerContext
{
    /// <summary>Escapes no more than JSON asks for, as the reference's writer does (base64 holds plus signs).</summary>
    public static readonly VmConfigJson Plain
        = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
