using System.Buffers;

namespace Broker.Cryptography;

/// <summary>What the framework's hex conversion does not say: lower case only, as the protocols here demand.</summary>
public static class Hex
{
    private static readonly SearchValues<char> LowerCaseDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>True when every character is one of <c>0-9a-f</c>; true for the empty text.</summary>
    public static bool IsLowerCase(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(LowerCaseDigits);
}
