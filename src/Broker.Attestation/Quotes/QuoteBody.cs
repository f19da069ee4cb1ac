namespace Broker.Attestation.Quotes;

/// <summary>
/// The part of a quote that describes the attested workload: a <see cref="TdReport"/> or an
/// <see cref="EnclaveReport"/>.
/// </summary>
/// <param name="type">What the bytes are.</param>
/// <param name="encoded">The body exactly as signed; its length is that of <paramref name="type"/>.</param>
public abstract class QuoteBody(QuoteBodyType type, ReadOnlyMemory<byte> encoded)
{
    public QuoteBodyType Type { get; } = type;

    /// <summary>The bytes as they were signed. Every field of a body is a slice of them.</summary>
    public ReadOnlyMemory<byte> Encoded { get; } = encoded;

    /// <summary>64 bytes that the workload chose when it asked for the quote.</summary>
    public abstract ReadOnlyMemory<byte> ReportData { get; }

    private protected static byte[] Build(int size, ReadOnlySpan<(QuoteField Field, ReadOnlyMemory<byte> Value)> fields)
    {
        var body = new byte[size];
        foreach (var (field, value) in fields) field.Write(body, value.Span);
        return body;
    }

    private protected static void RequireSize(ReadOnlyMemory<byte> encoded, int size)
    {
        if (encoded.Length != size)
        {
            throw new ArgumentException($"a body of {size} bytes, not {encoded.Length}", nameof(encoded));
        }
    }
}
