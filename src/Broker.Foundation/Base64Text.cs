using System.Diagnostics.CodeAnalysis;

namespace Broker.Foundation;

/// <summary>
/// The one reader of standard base64 with padding (RFC 4648 §4) in foreign text. The framework's reader takes white
/// space anywhere, and bits behind the last byte.
/// </summary>
public static class Base64Text
{
    /// <summary>The bytes; false for any other spelling of them than the encoder's (RFC 4648 §3.5).</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out byte[]? bytes)
    {
        var buffer = new byte[text.Length];
        bytes = Convert.TryFromBase64String(text, buffer, out var length)
            && Convert.ToBase64String(buffer, 0, length) == text
                ? buffer[..length]
                : null;
        return bytes is not null;
    }
}
