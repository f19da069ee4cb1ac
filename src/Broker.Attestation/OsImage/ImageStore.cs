using System.Net.Sockets;
using System.Security.Cryptography;
using Broker.Attestation.Decoding;
using Broker.Attestation.VirtualMachine;
using Broker.Foundation;

namespace Broker.Attestation.OsImage;

/// <summary>
/// OS images on disk, by hash: <c>images/&lt;hash&gt;/</c> under the cache folder. A missing image is downloaded,
/// unpacked beside its place, checked file by file against its manifest and only then moved there, so a folder of that
/// name is always whole.
/// </summary>
/// <param name="options">Where images come from and where they are kept.</param>
/// <param name="http">For downloads.</param>
/// <param name="onForeignText">Told what a server said in place of an image, for a log at debug level.</param>
internal sealed class ImageStore(OsImageOptions options, HttpClient http, Action<string>? onForeignText = null)
    : IDisposable
{
    private const string Metadata = "metadata.json";

    // One download at a time: two guests of one image ask together, and the second finds it there.
    private readonly SemaphoreSlim _downloads = new(1, 1);

    private string Root => Path.Combine(options.CacheDirectory, "images");

    public void Dispose() => _downloads.Dispose();

    /// <summary>The image of that hash, from the cache or freshly downloaded.</summary>
    public async Task<Decoded<OsImageFiles>> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken stop)
    {
        if (hash.Length != SHA256.HashSizeInBytes)
        {
            return Decoded<OsImageFiles>.Refused($"os_image_hash has {hash.Length} bytes, not 32");
        }

        var folder = Path.Combine(Root, Convert.ToHexStringLower(hash.Span));
        await _downloads.WaitAsync(stop);
        try
        {
            if (!File.Exists(Path.Combine(folder, Metadata)) && await DownloadAsync(hash, folder, stop) is { } refusal)
            {
                return Decoded<OsImageFiles>.Refused(refusal);
            }
        }
        finally
        {
            _downloads.Release();
        }

        return await OsImageFiles.OpenAsync(folder, hash, stop);
    }

    private async Task<string?> DownloadAsync(ReadOnlyMemory<byte> hash, string folder, CancellationToken stop)
    {
        var hex = Convert.ToHexStringLower(hash.Span);
        var url = options.DownloadUrl.Replace("{OS_IMAGE_HASH}", hex, StringComparison.Ordinal);
        var shown = ForeignText.Address(url);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(options.DownloadTimeout);
        Directory.CreateDirectory(Root);
        var unpacked = Directory.CreateDirectory(Path.Combine(Root, $".download-{Guid.NewGuid():n}")).FullName;
        try
        {
            using var response = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            if (!response.IsSuccessStatusCode)
            {
                var status = (int)response.StatusCode;
                if (onForeignText is not null)
                    onForeignText($"{shown}: {status}: {await SaidAsync(response, url, timeout.Token)}");
                return $"Failed to download image: HTTP status {status}, url: {shown}";
            }

            await using var body = await response.Content.ReadAsStreamAsync(timeout.Token);
            if (await ImageArchive.UnpackAsync(body, unpacked, options.MaxUnpackedLength, timeout.Token) is { } refusal)
            {
                return refusal;
            }

            if (await CheckAsync(unpacked, hash, timeout.Token) is { } fault) return fault;
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            Directory.Move(unpacked, folder);
            return null;
        }
        catch (HttpRequestException fault)
        {
            return $"Failed to download image: {HttpFault.Describe(fault.HttpRequestError)}, url: {shown}";
        }
        catch (HttpIOException fault)
        {
            return $"Failed to download image: {HttpFault.Describe(fault.HttpRequestError)}, url: {shown}";
        }
        catch (IOException fault) when (fault.InnerException is SocketException)
        {
            // A connection that is reset while the body is read is told by the socket, not by HTTP.
            return $"Failed to download image: {HttpFault.Describe(HttpRequestError.ResponseEnded)}, url: {shown}";
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return $"Download image timeout after {options.DownloadTimeout}, url: {shown}";
        }
        finally
        {
            if (Directory.Exists(unpacked)) Directory.Delete(unpacked, recursive: true);
        }
    }

    /// <summary>The beginning of what a server says in place of an image, if it says anything.</summary>
    private static async Task<string> SaidAsync(HttpResponseMessage response, string url, CancellationToken stop)
    {
        const int most = 32 * 1024;
        var body = new byte[most];
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(stop);
            var length = await stream.ReadAtLeastAsync(body, most, throwOnEndOfStream: false, stop);
            return ForeignText.Excerpt(body.AsSpan(0, length), ForeignText.SecretsOf(new Uri(url)));
        }
        catch (Exception lost) when (lost is IOException or HttpRequestException or OperationCanceledException)
        {
            return "(nothing that could be read)"; // the status has decided already
        }
    }

    /// <summary>
    /// The list is the one that was asked for, everything listed is there and right, everything else is removed.
    /// </summary>
    private static async Task<string?> CheckAsync(string folder, ReadOnlyMemory<byte> hash, CancellationToken stop)
    {
        var list = Path.Combine(folder, ImageManifest.FileName);
        if (!File.Exists(list))
        {
            return "sha256sum.txt not found: the files have to lie at the root of the archive, in no folder";
        }

        if (new FileInfo(list).Length > ImageManifest.MaxLength)
        {
            return $"sha256sum.txt is above {ImageManifest.MaxLength} bytes";
        }

        var manifest = ImageManifest.Parse(await File.ReadAllBytesAsync(list, stop));
        if (!manifest.Succeeded) return manifest.Error;
        if (!hash.Span.SequenceEqual(manifest.Value.Hash)) return "os_image_hash does not match sha256(sha256sum.txt)";

        foreach (var (name, expected) in manifest.Value.Files)
        {
            var path = Path.Combine(folder, name);
            if (!File.Exists(path)) return $"Checksum verification failed: {name} is not in the archive";
            await using var file = File.OpenRead(path);
            if (!(await SHA256.HashDataAsync(file, stop)).AsSpan().SequenceEqual(expected))
            {
                return $"Checksum verification failed: {name}";
            }
        }

        foreach (var path in Directory.EnumerateFiles(folder))
        {
            var name = Path.GetFileName(path);
            if (name != ImageManifest.FileName && !manifest.Value.Files.ContainsKey(name)) File.Delete(path);
        }

        return File.Exists(Path.Combine(folder, Metadata)) ? null : "metadata.json not found in the extracted archive";
    }
}
