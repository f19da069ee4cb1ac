using System.Buffers;

namespace Broker.Cryptography;

/// <summary>What the framework's hex conversion lacks: lower case as the protocols here demand.</summary>
public static class Hex
{
    private static readonly SearchValues<char> LowerCaseDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>Two digits a byte, in lower case.</summary>
    public static string Of(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);

    /// <summary>True when every character is one of <c>0-9a-f</c>; true for the empty text.</summary>
    public static bool IsLowerCase(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(LowerCaseDigits);
}
