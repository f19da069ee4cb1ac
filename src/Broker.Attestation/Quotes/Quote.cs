namespace Broker.Attestation.Quotes;

/// <summary>A quote as parsed: nothing in it is to be believed before <c>QuoteVerifier</c> has judged it.</summary>
public sealed class Quote
{
    internal Quote(
        QuoteHeader header, QuoteBody body, ReadOnlyMemory<byte> signedRegion, QuoteSignatureData signatureData,
        ReadOnlyMemory<byte> trailing)
    {
        Header = header;
        Body = body;
        SignedRegion = signedRegion;
        SignatureData = signatureData;
        Trailing = trailing;
    }

    public QuoteHeader Header { get; }
    public QuoteBody Body { get; }

    /// <summary>
    /// The bytes under the quote's signature: header and body, in version 5 with the body descriptor between.
    /// </summary>
    public ReadOnlyMemory<byte> SignedRegion { get; }

    public QuoteSignatureData SignatureData { get; }

    /// <summary>
    /// Bytes after the structure, which no signature covers; genuine quotes come in zero-padded buffers of fixed size.
    /// The hash of a whole buffer is therefore no identity of a quote.
    /// </summary>
    public ReadOnlyMemory<byte> Trailing { get; }

    /// <summary>The TD report, or null when this is an SGX quote.</summary>
    public TdReport? TdReport => Body as TdReport;
}
