using System.Globalization;

namespace Broker.Foundation;

/// <summary>
/// The one reader of whole numbers in foreign text: ASCII digits and nothing else. The framework's strictest style
/// still reads over zero characters at the end.
/// </summary>
public static class DecimalDigits
{
    /// <summary>False for no text, another character, and a number above 2⁶⁴−1. Leading zeros are digits too.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out ulong number)
    {
        number = 0;
        return !text.ContainsAnyExceptInRange('0', '9')
            && ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <inheritdoc cref="TryRead(ReadOnlySpan{char}, out ulong)"/>
    public static bool TryRead(ReadOnlySpan<byte> text, out ulong number)
    {
        number = 0;
        return !text.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
