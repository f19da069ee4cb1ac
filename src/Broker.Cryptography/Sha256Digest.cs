using System.Security.Cryptography;
using System.Text;

namespace Broker.Cryptography;

/// <summary>A SHA-256 in its text form: 64 lower-case hex digits.</summary>
public readonly record struct Sha256Digest
{
    private readonly string? _hex;

    private Sha256Digest(string hex) => _hex = hex;

    /// <summary>The digest of these bytes.</summary>
    public static Sha256Digest Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, digest);
        return new Sha256Digest(Convert.ToHexStringLower(digest));
    }

    /// <summary>The digest of a text's UTF-8.</summary>
    public static Sha256Digest Of(ReadOnlySpan<char> text)
    {
        const int usual = 4096;
        var length = Encoding.UTF8.GetByteCount(text);
        var utf8 = length <= usual ? stackalloc byte[usual] : new byte[length];
        return Of(utf8[..Encoding.UTF8.GetBytes(text, utf8)]);
    }

    /// <summary>Reads the text form; upper-case digits are refused.</summary>
    public static bool TryParse(string? text, out Sha256Digest digest)
    {
        digest = default;
        if (text is not { Length: 2 * SHA256.HashSizeInBytes } || !Hex.IsLowerCase(text)) return false;
        digest = new Sha256Digest(text);
        return true;
    }

    /// <exception cref="InvalidOperationException">It was never set.</exception>
    public override string ToString() => _hex ?? Unset();

    private static string Unset() =>
        throw new InvalidOperationException("internal error: a digest was used before it was set");
}
