using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Attestation.Decoding;
using Broker.Attestation.VirtualMachine;
using Broker.Foundation;

namespace Broker.Attestation.OsImage;

/// <summary>
/// The files of one image that are measured, read and checked against the image's manifest. What lies in a cache is
/// believed no more than what was just downloaded.
/// </summary>
internal sealed record OsImageFiles
{
    /// <summary>The bound on each of kernel and firmware, which are held in memory.</summary>
    private const long MaxFileLength = 512 * 1024 * 1024;

    public required string CommandLine { get; init; }

    public required string FirmwarePath { get; init; }

    public required string KernelPath { get; init; }

    public required byte[] Firmware { get; init; }

    public required byte[] Kernel { get; init; }

    public required uint InitrdLength { get; init; }

    public required byte[] InitrdSha384 { get; init; }

    public static async Task<Decoded<OsImageFiles>> OpenAsync(
        string folder, ReadOnlyMemory<byte> hash, CancellationToken stop)
    {
        var list = Path.Combine(folder, ImageManifest.FileName);
        var manifest = File.Exists(list) && new FileInfo(list).Length <= ImageManifest.MaxLength
            ? ImageManifest.Parse(await File.ReadAllBytesAsync(list, stop))
            : Decoded<ImageManifest>.Refused("sha256sum.txt is absent or too long");
        if (!manifest.Succeeded) return manifest.RefusedAs<OsImageFiles>();
        if (!hash.Span.SequenceEqual(manifest.Value.Hash))
        {
            return Refused("legacy TDX attestation requires os_image_hash = sha256(sha256sum.txt)");
        }

        try
        {
            return await ReadAsync(new Reader(folder, manifest.Value), stop);
        }
        catch (UnlistedContentException fault)
        {
            return Refused(fault.Message);
        }
        catch (JsonException fault)
        {
            return Refused($"Failed to parse image metadata: {StrictJson.Reason(fault)}");
        }
    }

    private static async Task<Decoded<OsImageFiles>> ReadAsync(Reader reader, CancellationToken stop)
    {
        var metadata = StrictJson.Deserialize(
            await reader.ReadAsync("metadata.json", stop), ImageMetadataJson.Default.ImageMetadata);
        if (metadata.OvmfVariant is { } variant and not TdxImageMeasurement.OvmfVariant)
        {
            return Refused($"unknown ovmf variant {variant}");
        }

        var initrd = await reader.ReadAsync(metadata.Initrd, stop);
        return new OsImageFiles
        {
            CommandLine = metadata.CommandLine,
            FirmwarePath = reader.Path(metadata.Bios),
            KernelPath = reader.Path(metadata.Kernel),
            Firmware = await reader.ReadAsync(metadata.Bios, stop),
            Kernel = await reader.ReadAsync(metadata.Kernel, stop),
            InitrdLength = (uint)initrd.Length,
            InitrdSha384 = SHA384.HashData(initrd),
        };
    }

    private static Decoded<OsImageFiles> Refused(string error) => Decoded<OsImageFiles>.Refused(error);

    /// <summary>A file that the manifest does not list, or lists with another digest.</summary>
    private sealed class UnlistedContentException(string message) : Exception(message);

    private sealed class Reader(string folder, ImageManifest manifest)
    {
        public string Path(string name) => System.IO.Path.Combine(folder, name);

        /// <summary>The bytes whose digest the manifest lists. A name that is not listed is never opened.</summary>
        public async Task<byte[]> ReadAsync(string name, CancellationToken stop)
        {
            if (!manifest.Files.TryGetValue(name, out var expected))
            {
                throw new UnlistedContentException($"{name} is not listed in sha256sum.txt");
            }

            if (!File.Exists(Path(name)) || new FileInfo(Path(name)).Length > MaxFileLength)
            {
                throw new UnlistedContentException($"{name} is absent or above {MaxFileLength} bytes");
            }

            var bytes = await File.ReadAllBytesAsync(Path(name), stop);
            return SHA256.HashData(bytes).AsSpan().SequenceEqual(expected)
                ? bytes
                : throw new UnlistedContentException($"Checksum verification failed: {name}");
        }
    }
}

internal sealed record ImageMetadata(
    [property: JsonPropertyName("cmdline"), JsonRequired] string CommandLine,
    [property: JsonPropertyName("kernel"), JsonRequired] string Kernel,
    [property: JsonPropertyName("initrd"), JsonRequired] string Initrd,
    [property: JsonPropertyName("bios"), JsonRequired] string Bios,
    [property: JsonPropertyName("ovmf_variant")] string? OvmfVariant = null);

[JsonSourceGenerationOptions(MaxDepth = 8, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ImageMetadata))]
internal sealed partial class ImageMetadataJson : JsonSerializerContext;
