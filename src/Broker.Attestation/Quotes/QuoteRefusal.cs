using System.Collections.Frozen;
using System.Text;

namespace Broker.Attestation.Quotes;

/// <summary>Why a quote was refused: a reason that programs act on, and a sentence for people.</summary>
/// <param name="Detail">
/// What was found, without platform identifiers; lower case, short, for logs and error bodies.
/// </param>
public sealed record QuoteRefusal(QuoteRefusalReason Reason, string Detail)
{
    private static readonly FrozenDictionary<QuoteRefusalReason, string> Codes =
        Enum.GetValues<QuoteRefusalReason>().ToFrozenDictionary(
            reason => reason, reason => UpperSnake(reason.ToString()));

    /// <summary>The stable name of <see cref="Reason"/>, for example <c>TCB_INFO_SIGNATURE</c>.</summary>
    public string Code => Codes[Reason];

    public override string ToString() => $"{Code}: {Detail}";

    private static string UpperSnake(string pascal)
    {
        var snake = new StringBuilder(pascal.Length + 8);
        foreach (var letter in pascal)
        {
            if (char.IsAsciiLetterUpper(letter) && snake.Length > 0) snake.Append('_');
            snake.Append(char.ToUpperInvariant(letter));
        }

        return snake.ToString();
    }
}
