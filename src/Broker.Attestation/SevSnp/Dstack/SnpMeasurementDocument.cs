using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Attestation.SevSnp.Reports;
using Broker.Foundation;

namespace Broker.Attestation.SevSnp.Dstack;

/// <summary>
/// <c>sev_snp_measurement</c> of a vm_config: what the image's maker measured, and the shape of the machine.
/// </summary>
/// <param name="ChecksumFile">The image's <c>sha256sum.txt</c>; its SHA-256 is the image's hash.</param>
/// <param name="Measurement">The image's <c>measurement.snp.cbor</c>, which that file lists.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record SnpMeasurementDocument(
    [property: JsonPropertyName("checksum_file"), JsonRequired] byte[] ChecksumFile,
    [property: JsonPropertyName("measurement"), JsonRequired] byte[] Measurement,
    [property: JsonPropertyName("vcpus"), JsonRequired] long Processors,
    [property: JsonPropertyName("vcpu_type")] string? ProcessorModel,
    [property: JsonPropertyName("guest_features"), JsonRequired] ulong GuestFeatures)
{
    public static SnpOutcome<SnpMeasurementDocument> Read(string text)
    {
        try
        {
            return StrictJson.Deserialize(
                Encoding.UTF8.GetBytes(text), DstackLaunchJson.Default.SnpMeasurementDocument);
        }
        catch (JsonException wrong)
        {
            return new SnpRefusal(
                SnpRefusalReason.SnpMeasurementMalformed, $"sev_snp_measurement: {StrictJson.Reason(wrong)}");
        }
    }
}

/// <summary>The members of a vm_config that count on SEV-SNP. Others are ignored.</summary>
internal sealed record SnpVmConfig(
    [property: JsonPropertyName("os_image_hash")] string? OsImageHash,
    [property: JsonPropertyName("sev_snp_measurement")] string? Measurement,
    [property: JsonPropertyName("mr_config")] string? MrConfig,
    [property: JsonPropertyName("vm_config")] string? Inner)
{
    public bool IsEmpty => OsImageHash is null && Measurement is null && MrConfig is null;
}

[JsonSourceGenerationOptions(MaxDepth = 16, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SnpVmConfig))]
[JsonSerializable(typeof(MrConfigDocument))]
[JsonSerializable(typeof(SnpMeasurementDocument))]
internal sealed partial class DstackLaunchJson : JsonSerializerContext;
