using System.Security.Cryptography;
using System.Text;
using Broker.Attestation.Decoding;

namespace Broker.Attestation.VirtualMachine;

/// <summary>
/// An image's <c>sha256sum.txt</c>: lines of <c>&lt;hex&gt; &lt;name&gt;</c>, where names are plain file names. Its
/// SHA-256 is the image's hash, so this short text commits to every byte of the image.
/// </summary>
internal sealed class ImageManifest
{
    public const string FileName = "sha256sum.txt";

    /// <summary>Real ones list some ten files.</summary>
    public const int MaxLength = 64 * 1024;

    private ImageManifest(byte[] hash, IReadOnlyDictionary<string, byte[]> files)
    {
        Hash = hash;
        Files = files;
    }

    /// <summary>SHA-256 of the text: the image's identity.</summary>
    public byte[] Hash { get; }

    /// <summary>SHA-256 by file name.</summary>
    public IReadOnlyDictionary<string, byte[]> Files { get; }

    public static Decoded<ImageManifest> Parse(ReadOnlySpan<byte> text)
    {
        if (text.Length > MaxLength) return Refused($"image manifest of {text.Length} bytes is above {MaxLength}");
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in Encoding.UTF8.GetString(text).Split('\n'))
        {
            number++;
            var fields = line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 0) continue;
            if (fields.Length == 1) return Refused("image manifest entry is missing a path");
            if (fields.Length > 2) return Refused($"image manifest line {number} has extra fields");

            var name = fields[1];
            if (name is FileName) return Refused("image manifest must not recursively list sha256sum.txt");
            if (!IsPlainFileName(name)) return Refused($"image manifest line {number} has an unsafe path");
            if (ReadDigest(fields[0]) is not { } digest) return Refused($"image manifest line {number} has no SHA-256");
            if (!files.TryAdd(name, digest)) return Refused($"image manifest line {number} lists a file again");
        }

        return new ImageManifest(SHA256.HashData(text), files);
    }

    private static bool IsPlainFileName(string name)
        => name is not ("." or "..") && name.AsSpan().IndexOfAny('/', '\\', '\0') < 0;

    private static byte[]? ReadDigest(string hex)
        => hex.Length == 2 * SHA256.HashSizeInBytes && hex.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(hex)
            : null;

    private static Decoded<ImageManifest> Refused(string error) => Decoded<ImageManifest>.Refused(error);
}
