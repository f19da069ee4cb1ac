namespace Broker.Attestation.Quotes;

/// <summary>
/// A quote as it came, for handing on as it is, and what the parser makes of it, which is found once and only when
/// somebody asks.
/// </summary>
/// <param name="bytes">Not changed afterwards.</param>
public sealed class EncodedQuote(ReadOnlyMemory<byte> bytes)
{
    private QuoteParseResult? _parsed;

    public ReadOnlyMemory<byte> Bytes => bytes;

    /// <summary>The quote, or why the bytes are not one.</summary>
    public QuoteParseResult Parsed => _parsed ??= QuoteParser.Parse(bytes.Span);
}
