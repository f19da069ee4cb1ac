namespace Broker.Attestation.Quotes;

/// <summary>A fixed place inside a report: where a field starts and how many bytes it has.</summary>
public readonly record struct QuoteField(int Offset, int Length)
{
    public int End => Offset + Length;

    /// <summary>The field's bytes inside a report.</summary>
    public ReadOnlyMemory<byte> In(ReadOnlyMemory<byte> report) => report.Slice(Offset, Length);

    /// <summary>Puts <paramref name="value"/> in its place; it must have exactly the field's length.</summary>
    /// <exception cref="ArgumentException">The value has another length.</exception>
    internal void Write(Span<byte> report, ReadOnlySpan<byte> value)
    {
        if (value.Length != Length)
        {
            throw new ArgumentException($"the field at {Offset} has {Length} bytes, not {value.Length}", nameof(value));
        }

        value.CopyTo(report.Slice(Offset, Length));
    }
}
