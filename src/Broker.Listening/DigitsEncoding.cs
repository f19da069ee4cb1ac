using System.Text;

namespace Broker.Listening;

/// <summary>
/// Reads digits as digits and every other byte as a character that no number has. Kestrel reads a content length as a
/// signed number, by the encoding that this listener names for the header; so what is not <c>1*DIGIT</c> is answered
/// 400 and the connection ends (RFC 9112 §6.3).
/// </summary>
internal sealed class DigitsEncoding : Encoding
{
    private const char NoDigit = '\uFFFD';

    private static readonly DigitsEncoding Instance = new();

    /// <summary>Null leaves the server's own encoding for every other header.</summary>
    public static Encoding? ForHeader(string name) =>
        name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) ? Instance : null;

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
    {
        for (var i = 0; i < byteCount; i++)
        {
            var value = (char)bytes[byteIndex + i];
            chars[charIndex + i] = char.IsAsciiDigit(value) ? value : NoDigit;
        }

        return byteCount;
    }

    public override int GetCharCount(byte[] bytes, int index, int count) => count;

    public override int GetMaxCharCount(int byteCount) => byteCount;

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        throw new NotSupportedException();

    public override int GetByteCount(char[] chars, int index, int count) => throw new NotSupportedException();

    public override int GetMaxByteCount(int charCount) => throw new NotSupportedException();
}
