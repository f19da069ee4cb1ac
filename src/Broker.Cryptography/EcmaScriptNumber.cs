using System.Buffers;
using System.Globalization;

namespace Broker.Cryptography;

/// <summary>
/// How ECMAScript prints a number (ECMA-262, Number::toString in base 10): the fewest digits that read back as the same
/// double, with an exponent from 1e21 upwards and below 1e-6. RFC 8785 §3.2.2.3 prescribes this form.
/// </summary>
internal static class EcmaScriptNumber
{
    /// <summary>From this number of digits before the point on, the form has an exponent.</summary>
    private const int MostWholeDigits = 21;

    /// <summary>With more zeros than this behind the point, the form has an exponent.</summary>
    private const int MostLeadingZeros = 5;

    /// <summary>Enough for 17 digits, sign, point and exponent.</summary>
    private const int Longest = 32;

    /// <summary>Writes a finite number; minus zero is written as <c>0</c>.</summary>
    public static void Write(double number, ArrayBufferWriter<byte> output)
    {
        if (number == 0)
        {
            output.Write("0"u8);
            return;
        }

        // The framework's "E16" would print 17 digits; "R" prints the fewest, in a layout of its own.
        Span<byte> printed = stackalloc byte[Longest];
        Math.Abs(number).TryFormat(printed, out var length, "R", CultureInfo.InvariantCulture);
        Span<byte> digits = stackalloc byte[Longest];
        var count = ReadDigits(printed[..length], digits, out var point);

        if (number < 0) output.Write("-"u8);
        WriteDigits(digits[..count], point, output);
    }

    /// <summary>
    /// Takes the digits without zeros at either end; the number is <c>0.digits</c> times ten to the power of
    /// <paramref name="point"/>.
    /// </summary>
    private static int ReadDigits(ReadOnlySpan<byte> printed, Span<byte> digits, out int point)
    {
        point = 0;
        var mantissa = printed;
        if (printed.IndexOf((byte)'E') is >= 0 and var mark)
        {
            point = int.Parse(printed[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            mantissa = printed[..mark];
        }

        var dot = mantissa.IndexOf((byte)'.');
        point += dot < 0 ? mantissa.Length : dot;
        var count = 0;
        foreach (var character in mantissa)
        {
            if (character == '.') continue;
            if (count == 0 && character == '0') point--;
            else digits[count++] = character;
        }

        while (digits[count - 1] == '0') count--;
        return count;
    }

    private static void WriteDigits(ReadOnlySpan<byte> digits, int point, ArrayBufferWriter<byte> output)
    {
        if (point is > MostWholeDigits or < -MostLeadingZeros)
        {
            WriteWithExponent(digits, point - 1, output);
        }
        else if (point <= 0)
        {
            output.Write("0."u8);
            WriteZeros(-point, output);
            output.Write(digits);
        }
        else if (point >= digits.Length)
        {
            output.Write(digits);
            WriteZeros(point - digits.Length, output);
        }
        else
        {
            output.Write(digits[..point]);
            output.Write("."u8);
            output.Write(digits[point..]);
        }
    }

    private static void WriteWithExponent(ReadOnlySpan<byte> digits, int exponent, ArrayBufferWriter<byte> output)
    {
        output.Write(digits[..1]);
        if (digits.Length > 1)
        {
            output.Write("."u8);
            output.Write(digits[1..]);
        }

        output.Write(exponent < 0 ? "e-"u8 : "e+"u8);
        Span<byte> printed = stackalloc byte[4];
        Math.Abs(exponent).TryFormat(printed, out var length, default, CultureInfo.InvariantCulture);
        output.Write(printed[..length]);
    }

    private static void WriteZeros(int count, ArrayBufferWriter<byte> output)
    {
        for (var i = 0; i < count; i++) output.Write("0"u8);
    }
}
