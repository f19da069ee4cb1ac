using System.Globalization;
using System.Text;

namespace Broker.Cryptography;

/// <summary>
/// What a wallet signs when it is asked to sign a message (EIP-191 version <c>0x45</c>, <c>personal_sign</c>):
/// Keccak-256 over <c>0x19 "Ethereum Signed Message:" LF ‖ decimal length in bytes ‖ message</c>. The prefix keeps a
/// signed sentence from ever being a signed transaction.
/// </summary>
public static class PersonalMessage
{
    // "\u0019", never "\x19E…": C# reads \x greedily and would take the E of Ethereum as a hex digit.
    private static ReadOnlySpan<byte> Prefix => "\u0019Ethereum Signed Message:\n"u8;

    /// <summary>The 32-byte digest that <c>personal_sign</c> signs for these bytes.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> message)
    {
        var hash = new byte[Keccak256.HashSizeInBytes];
        Hash(message, hash);
        return hash;
    }

    /// <summary>The digest for the UTF-8 bytes of <paramref name="message"/>.</summary>
    public static byte[] Hash(string message) => Hash(Encoding.UTF8.GetBytes(message));

    /// <summary>
    /// Writes the digest into the first 32 bytes of <paramref name="destination"/>; allocates nothing.
    /// </summary>
    public static void Hash(ReadOnlySpan<byte> message, Span<byte> destination)
    {
        Span<byte> head = stackalloc byte[64];
        Prefix.CopyTo(head);
        message.Length.TryFormat(head[Prefix.Length..], out var digits, provider: CultureInfo.InvariantCulture);
        Keccak256.HashData(head[..(Prefix.Length + digits)], message, destination);
    }
}
