using Google.Protobuf;

namespace Broker.Kms.Prpc;

/// <summary>Bytes as text on the way in: hex digits of either case, <c>0x</c> in front allowed, repeated too.</summary>
internal static class PrpcHex
{
    /// <exception cref="PrpcFormatException">An odd number of digits, or a character that is not a hex digit.</exception>
    public static ByteString Read(string field, string text)
    {
        var digits = text.AsSpan();
        while (digits.StartsWith("0x")) digits = digits[2..];
        try
        {
            return ByteString.CopyFrom(Convert.FromHexString(digits));
        }
        catch (FormatException)
        {
            throw new PrpcFormatException($"field {field} must be an even number of hex digits");
        }
    }
}
