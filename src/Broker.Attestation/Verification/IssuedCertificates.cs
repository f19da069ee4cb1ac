using System.Diagnostics.CodeAnalysis;

namespace Broker.Attestation.Verification;

/// <summary>
/// Reads certificates and checks who signed them, and remembers those whose signature held, so that the platforms and
/// signers of every day cost their signatures once. What is remembered holds for ever: these exact bytes are signed
/// by that exact issuer. Dates, revocation and profile are no part of it and are asked with every use.
/// Bounded: when it is full, what was not used for longest is forgotten. Safe for threads.
/// </summary>
/// <param name="most">How many certificates are remembered at least; at most twice as many.</param>
internal sealed class IssuedCertificates(int most = IssuedCertificates.Most)
{
    /// <summary>Some two KiB each.</summary>
    private const int Most = 512;

    private readonly Lock _turn = new();
    private Dictionary<ReadOnlyMemory<byte>, Issued> _recent = new(ByContent.Instance);
    private Dictionary<ReadOnlyMemory<byte>, Issued> _older = new(ByContent.Instance);

    /// <summary>How many are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_turn) return _recent.Count + _older.Count;
        }
    }

    /// <summary>Null when the bytes are not a certificate of the hierarchy's shape that the issuer signed.</summary>
    public SgxCertificate? TryRead(ReadOnlyMemory<byte> encoded, SgxCertificate issuer)
    {
        if (TryRecall(encoded, issuer, out var known)) return known;
        if (SgxCertificateReader.TryRead(encoded) is not { } read || !read.IsSignedBy(issuer)) return null;
        lock (_turn) Remember(new Issued(read, issuer));
        return read;
    }

    private bool TryRecall(
        ReadOnlyMemory<byte> encoded, SgxCertificate issuer, [NotNullWhen(true)] out SgxCertificate? certificate)
    {
        lock (_turn)
        {
            if (!_recent.TryGetValue(encoded, out var known) && _older.Remove(encoded, out known)) Remember(known);
            certificate = known is not null && known.Issuer.Encoded.Span.SequenceEqual(issuer.Encoded.Span)
                ? known.Certificate
                : null;
        }

        return certificate is not null;
    }

    private void Remember(Issued issued)
    {
        if (_recent.Count >= most)
        {
            _older = _recent;
            _recent = new Dictionary<ReadOnlyMemory<byte>, Issued>(ByContent.Instance);
        }

        _recent[issued.Certificate.Encoded] = issued;
    }

    private sealed record Issued(SgxCertificate Certificate, SgxCertificate Issuer);

    /// <summary>Compares every byte, so that no two certificates are ever taken for one another.</summary>
    private sealed class ByContent : IEqualityComparer<ReadOnlyMemory<byte>>
    {
        public static readonly ByContent Instance = new();

        public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

        public int GetHashCode(ReadOnlyMemory<byte> value)
        {
            var hash = new HashCode();
            hash.AddBytes(value.Span);
            return hash.ToHashCode();
        }
    }
}
