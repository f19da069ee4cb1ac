using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Attestation.SevSnp.Launch;
using Broker.Attestation.SevSnp.Reports;
using Broker.Attestation.VirtualMachine;
using Broker.Foundation;

namespace Broker.Attestation.SevSnp.Dstack;

/// <summary>
/// What a verified report proves of a dstack guest once its vm_config is held against it: which image it was started
/// with, and for which app. The members are facts, not claims.
/// </summary>
/// <param name="OsImageHash">32 bytes.</param>
public sealed record DstackLaunch(ReadOnlyMemory<byte> OsImageHash, MrConfigDocument App)
{
    private const string MaterialFile = "measurement.snp.cbor";
    private const int HashLength = 32;

    /// <summary>
    /// Binds a vm_config to a report. The document is HOST_DATA's; the image's checksum file is the advertised hash's;
    /// the measured material is the one that this file lists; and the measurement computed from it is the report's.
    /// </summary>
    /// <param name="vmConfig">JSON text; a config that wraps another as a string is unwrapped.</param>
    public static SnpOutcome<DstackLaunch> Bind(
        string vmConfig, ReadOnlyMemory<byte> measurement, ReadOnlyMemory<byte> hostData)
    {
        var read = ReadConfig(vmConfig);
        if (!read.Succeeded) return read.Refusal;
        var config = read.Value;
        if (config.OsImageHash is null)
            return Refuse(SnpRefusalReason.OsImageHashMissing, "os_image_hash is required for amd sev-snp");
        if (ReadHash(config.OsImageHash) is not { } imageHash)
            return Refuse(SnpRefusalReason.VmConfigMalformed, "os_image_hash is not 32 bytes in hex");
        if (config.MrConfig is null)
            return Refuse(SnpRefusalReason.MrConfigMissing, "mr_config is required for amd sev-snp");
        if (config.Measurement is null)
            return Refuse(SnpRefusalReason.SnpMeasurementMissing, "sev_snp_measurement is required for amd sev-snp");

        var app = MrConfigDocument.Read(config.MrConfig, hostData.Span);
        if (!app.Succeeded) return app.Refusal;
        var document = SnpMeasurementDocument.Read(config.Measurement);
        if (!document.Succeeded) return document.Refusal;
        if (RefuseMaterial(document.Value, imageHash) is { } other) return other;

        var inputs = SnpImageMeasurement.Decode(document.Value);
        if (!inputs.Succeeded) return inputs.Refusal;
        var computed = LaunchMeasurement.Compute(inputs.Value);
        if (!computed.Succeeded) return computed.Refusal;
        return CryptographicOperations.FixedTimeEquals(computed.Value, measurement.Span)
            ? new DstackLaunch(imageHash, app.Value)
            : Refuse(SnpRefusalReason.MeasurementMismatch, "amd sev-snp measurement mismatch");
    }

    private static SnpOutcome<SnpVmConfig> ReadConfig(string json)
    {
        if (json.Length > VmConfig.MaxLength)
        {
            return Refuse(
                SnpRefusalReason.VmConfigMalformed, $"{json.Length} characters, at most {VmConfig.MaxLength}");
        }

        try
        {
            var config = Parse(json);
            return config is { IsEmpty: true, Inner: { } inner } ? Parse(inner) : config;
        }
        catch (JsonException wrong)
        {
            return Refuse(
                SnpRefusalReason.VmConfigMalformed, $"Failed to parse vm config: {StrictJson.Reason(wrong)}");
        }
    }

    private static SnpVmConfig Parse(string json)
        => StrictJson.Deserialize(
            Encoding.UTF8.GetBytes(json.Length == 0 ? "{}" : json), DstackLaunchJson.Default.SnpVmConfig);

    private static SnpRefusal? RefuseMaterial(SnpMeasurementDocument document, byte[] imageHash)
    {
        if (!SHA256.HashData(document.ChecksumFile).AsSpan().SequenceEqual(imageHash))
        {
            return Refuse(
                SnpRefusalReason.OsImageHashMismatch,
                "amd sev-snp measurement material does not match os_image_hash: not the hash of sha256sum.txt");
        }

        var manifest = ImageManifest.Parse(document.ChecksumFile);
        if (!manifest.Succeeded) return Refuse(SnpRefusalReason.ChecksumFile, manifest.Error);
        if (!manifest.Value.Files.TryGetValue(MaterialFile, out var listed))
            return Refuse(SnpRefusalReason.ChecksumFile, $"sha256sum.txt does not list {MaterialFile}");
        return SHA256.HashData(document.Measurement).AsSpan().SequenceEqual(listed)
            ? null
            : Refuse(
                SnpRefusalReason.MeasurementMaterialMismatch,
                $"amd sev-snp measurement material does not match os_image_hash: another {MaterialFile} is listed");
    }

    private static byte[]? ReadHash(string hex)
    {
        var digits = hex.StartsWith("0x", StringComparison.Ordinal) ? hex[2..] : hex;
        return digits.Length == 2 * HashLength && digits.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(digits)
            : null;
    }

    private static SnpRefusal Refuse(SnpRefusalReason reason, string detail) => new(reason, detail);
}
