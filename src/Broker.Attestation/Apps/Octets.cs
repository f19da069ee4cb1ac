namespace Broker.Attestation.Apps;

/// <summary>Bytes that are compared by content: what the identities of apps are made of.</summary>
internal readonly struct Octets : IEquatable<Octets>
{
    private readonly byte[]? _bytes;

    /// <summary>Keeps a copy.</summary>
    public Octets(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    /// <summary>Empty when nobody gave any.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    public bool Equals(Octets other) => Bytes.Span.SequenceEqual(other.Bytes.Span);

    public override bool Equals(object? obj) => obj is Octets other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Bytes.Span);
        return hash.ToHashCode();
    }

    /// <summary>Lower-case hex.</summary>
    public override string ToString() => Convert.ToHexStringLower(Bytes.Span);
}
