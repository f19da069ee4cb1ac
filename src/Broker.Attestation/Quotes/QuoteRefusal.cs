using System.Collections.Frozen;
using Broker.Attestation.Decoding;

namespace Broker.Attestation.Quotes;

/// <summary>Why a quote was refused: a reason that programs act on, and a sentence for people.</summary>
/// <param name="Detail">
/// What was found, without platform identifiers; lower case, short, for logs and error bodies.
/// </param>
public sealed record QuoteRefusal(QuoteRefusalReason Reason, string Detail)
{
    private static readonly FrozenDictionary<QuoteRefusalReason, string> Codes =
        Enum.GetValues<QuoteRefusalReason>().ToFrozenDictionary(reason => reason, StableCode.Of);

    /// <summary>The stable name of <see cref="Reason"/>, for example <c>TCB_INFO_SIGNATURE</c>.</summary>
    public string Code => Codes[Reason];

    public override string ToString() => $"{Code}: {Detail}";
}
