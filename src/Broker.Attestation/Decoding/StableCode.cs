using System.Text;

namespace Broker.Attestation.Decoding;

/// <summary>The stable names of refusal reasons: <c>TcbInfoSignature</c> is <c>TCB_INFO_SIGNATURE</c>.</summary>
internal static class StableCode
{
    public static string Of<T>(T reason)
        where T : struct, Enum
    {
        var pascal = reason.ToString();
        var snake = new StringBuilder(pascal.Length + 8);
        foreach (var letter in pascal)
        {
            if (char.IsAsciiLetterUpper(letter) && snake.Length > 0) snake.Append('_');
            snake.Append(char.ToUpperInvariant(letter));
        }

        return snake.ToString();
    }
}
