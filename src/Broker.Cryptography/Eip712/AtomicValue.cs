using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Broker.Cryptography.Eip712;

/// <summary>
/// The values of members. Integers are JSON integers, decimal texts or hex texts with <c>0x</c>; bytes are hex texts
/// with <c>0x</c>; an address whose case is mixed has the checksum of EIP-55.
/// </summary>
internal static class AtomicValue
{
    /// <summary>2^256 has 78 digits.</summary>
    private const int LongestNumber = 80;

    /// <exception cref="FormatException">It is no text.</exception>
    public static string Text(JsonElement value, string path) => value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw new FormatException($"{path} must be a string");

    /// <exception cref="FormatException">It is no hex text.</exception>
    public static byte[] Bytes(JsonElement value, string path)
    {
        var text = Text(value, path);
        try
        {
            if (text.StartsWith("0x", StringComparison.Ordinal)) return Convert.FromHexString(text.AsSpan(2));
        }
        catch (FormatException)
        {
            // Said below.
        }

        throw new FormatException($"{path} must be 0x and two hex digits for each byte");
    }

    /// <summary>Fills a word of 32 zero bytes.</summary>
    /// <exception cref="FormatException">The value is not of the type.</exception>
    public static void Write(MemberType type, JsonElement value, string path, Span<byte> word)
    {
        switch (type)
        {
            case BooleanType:
                word[^1] = value.ValueKind switch
                {
                    JsonValueKind.True => 1,
                    JsonValueKind.False => 0,
                    _ => throw new FormatException($"{path} must be true or false"),
                };
                break;
            case AddressType:
                if (!EthereumAddress.TryParse(Text(value, path), out var address))
                    throw new FormatException($"{path} must be an address: 0x and 40 hex digits, the checksum right");
                address.CopyTo(word[^EthereumAddress.SizeInBytes..]);
                break;
            case FixedBytesType { Length: var length }:
                var bytes = Bytes(value, path);
                if (bytes.Length != length) throw new FormatException($"{path} must have {length} bytes");
                bytes.CopyTo(word);
                break;
            case IntegerType integer:
                Write(integer, Number(value, path), path, word);
                break;
            default:
                throw new InvalidOperationException($"internal error: {type} is not atomic");
        }
    }

    private static void Write(IntegerType type, BigInteger number, string path, Span<byte> word)
    {
        var most = BigInteger.One << (type.IsSigned ? type.Bits - 1 : type.Bits);
        if (number >= most || number < (type.IsSigned ? -most : BigInteger.Zero))
            throw new FormatException($"{path} is out of the range of {(type.IsSigned ? "" : "u")}int{type.Bits}");
        if (number.Sign < 0) number += BigInteger.One << (8 * word.Length); // two's complement
        _ = number.TryWriteBytes(
            word[^number.GetByteCount(isUnsigned: true)..], out _, isUnsigned: true, isBigEndian: true);
    }

    private static BigInteger Number(JsonElement value, string path)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString()!,
            _ => "",
        };
        var digits = text.AsSpan(text.StartsWith('-') ? 1 : 0);
        if (text.Length <= LongestNumber && ReadDigits(digits) is { } size)
            return text.StartsWith('-') ? -size : size;
        throw new FormatException($"{path} must be an integer, or its text in decimal or in hex with 0x");
    }

    private static BigInteger? ReadDigits(ReadOnlySpan<char> digits)
    {
        // A leading zero, since the framework reads a first hex digit of 8 and above as a sign.
        if (digits.StartsWith("0x", StringComparison.Ordinal))
        {
            return digits.Length > 2 && BigInteger.TryParse(
                $"0{digits[2..]}", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex)
                    ? hex
                    : null;
        }

        return BigInteger.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
    }
}
