using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Attestation.VirtualMachine;
using Broker.Foundation;

namespace Broker.Attestation.OsImage;

/// <summary>
/// Known-good registers by machine: <c>measurements/&lt;key&gt;.json</c> under the cache folder, where the key is the
/// SHA-256 of <see cref="VmConfig.Canonical"/>, which names the image as well. The files are the reference's:
/// <code>
/// {"version":3,"measurements":{"mrtd":"&lt;96 hex&gt;","rtmr0":"…","rtmr1":"…","rtmr2":"…"}}
/// </code>
/// An operator can bring them from a verifier that has QEMU's table generator. Only RTMR0 is taken from them; the
/// others are computed here.
/// </summary>
internal sealed class MeasurementTable(string cacheDirectory)
{
    /// <summary>
    /// The version of the rules by which the registers were computed; files of another one are left alone.
    /// </summary>
    public const int Version = 3;

    private const long MaxLength = 64 * 1024;

    public static string Key(VmConfig config)
        => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(config.Canonical())));

    /// <summary>RTMR0 of that machine, where a file says so.</summary>
    public async Task<byte[]?> FindRtMr0Async(VmConfig config, CancellationToken stop)
    {
        var path = PathOf(config);
        if (!File.Exists(path) || new FileInfo(path).Length > MaxLength) return null;
        try
        {
            var entry = StrictJson.Deserialize(
                await File.ReadAllBytesAsync(path, stop), MeasurementJson.Default.MeasurementEntry);
            return entry is { Version: Version, Measurements.RtMr0.Length: SHA384.HashSizeInBytes }
                ? entry.Measurements.RtMr0.ToArray()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Keeps registers for the next time. The file appears whole or not at all.</summary>
    public void Store(VmConfig config, ExpectedMeasurements measured)
    {
        var path = PathOf(config);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var entry = new MeasurementEntry(
            Version, new MeasuredRegisters(measured.MrTd, measured.RtMr0, measured.RtMr1, measured.RtMr2));
        DurableFile.Replace(
            path, JsonSerializer.SerializeToUtf8Bytes(entry, MeasurementJson.Default.MeasurementEntry),
            DurableFile.ReadableByAll);
    }

    /// <summary>The file's name under the cache folder, for people.</summary>
    public static string FileOf(VmConfig config) => $"measurements/{Key(config)}.json";

    private string PathOf(VmConfig config) => Path.Combine(cacheDirectory, FileOf(config));
}

internal sealed record MeasurementEntry(
    [property: JsonPropertyName("version"), JsonRequired] int Version,
    [property: JsonPropertyName("measurements"), JsonRequired] MeasuredRegisters Measurements);

internal sealed record MeasuredRegisters(
    [property: JsonPropertyName("mrtd"), JsonConverter(typeof(HexBytesConverter))] ReadOnlyMemory<byte> MrTd,
    [property: JsonPropertyName("rtmr0"), JsonConverter(typeof(HexBytesConverter))] ReadOnlyMemory<byte> RtMr0,
    [property: JsonPropertyName("rtmr1"), JsonConverter(typeof(HexBytesConverter))] ReadOnlyMemory<byte> RtMr1,
    [property: JsonPropertyName("rtmr2"), JsonConverter(typeof(HexBytesConverter))] ReadOnlyMemory<byte> RtMr2);

[JsonSourceGenerationOptions(MaxDepth = 8, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(MeasurementEntry))]
internal sealed partial class MeasurementJson : JsonSerializerContext;
