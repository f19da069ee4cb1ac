using System.Formats.Asn1;

namespace Broker.Attestation.Verification;

/// <summary>
/// An X.509 CRL, version 2 (RFC 5280 §5), as Intel issues them: <c>nextUpdate</c> always present, no critical
/// extension. Reading proves nothing about who issued it.
/// </summary>
internal sealed class CertificateRevocationList
{
    private readonly ReadOnlyMemory<byte> _toBeSigned;
    private readonly ReadOnlyMemory<byte> _signature;
    private readonly HashSet<string> _revoked;

    private CertificateRevocationList(
        ReadOnlyMemory<byte> toBeSigned, ReadOnlyMemory<byte> signature, ReadOnlyMemory<byte> issuer,
        DateTimeOffset thisUpdate, DateTimeOffset nextUpdate, HashSet<string> revoked)
    {
        _toBeSigned = toBeSigned;
        _signature = signature;
        _revoked = revoked;
        Issuer = issuer;
        ThisUpdate = thisUpdate;
        NextUpdate = nextUpdate;
    }

    /// <summary>The issuer's name, raw DER.</summary>
    public ReadOnlyMemory<byte> Issuer { get; }
    public DateTimeOffset ThisUpdate { get; }
    public DateTimeOffset NextUpdate { get; }

    /// <summary>Revoked serial numbers: lower-case hex of the INTEGER's content.</summary>
    public IReadOnlyCollection<string> RevokedSerials => _revoked;

    /// <summary>Null when the bytes are not one such CRL without anything after it.</summary>
    public static CertificateRevocationList? TryRead(ReadOnlyMemory<byte> encoded)
    {
        try
        {
            return Read(encoded);
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    public bool IsIssuedBy(SgxCertificate issuer) => Issuer.Span.SequenceEqual(issuer.Subject.Span);

    public bool HasSignatureOf(SgxCertificate issuer)
        => issuer.Key.VerifyDer(_toBeSigned.Span, _signature.Span);

    public bool Revokes(SgxCertificate certificate)
        => _revoked.Contains(Convert.ToHexStringLower(certificate.SerialNumber.Span));

    private static CertificateRevocationList? Read(ReadOnlyMemory<byte> encoded)
    {
        var outer = new AsnReader(encoded, AsnEncodingRules.DER);
        var list = outer.ReadSequence();
        outer.ThrowIfNotEmpty();

        var toBeSigned = list.PeekEncodedValue();
        var tbs = list.ReadSequence();
        if (!SgxCertificateReader.TryReadEcdsaWithSha256(list)) return null;
        var signature = list.ReadBitString(out var unusedBits);
        list.ThrowIfNotEmpty();
        if (unusedBits != 0) return null;

        if (!tbs.TryReadInt32(out var version) || version != 1) return null;
        if (!SgxCertificateReader.TryReadEcdsaWithSha256(tbs)) return null;
        var issuer = tbs.ReadEncodedValue();
        var thisUpdate = SgxCertificateReader.ReadTime(tbs);
        var nextUpdate = SgxCertificateReader.ReadTime(tbs);
        if (ReadRevoked(tbs) is not { } revoked) return null;
        if (!ReadExtensions(tbs)) return null;

        return new CertificateRevocationList(toBeSigned, signature, issuer, thisUpdate, nextUpdate, revoked);
    }

    private static HashSet<string>? ReadRevoked(AsnReader tbs)
    {
        if (!tbs.HasData || !tbs.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence)) return [];

        var serials = new HashSet<string>(StringComparer.Ordinal);
        var entries = tbs.ReadSequence();
        while (entries.HasData)
        {
            var entry = entries.ReadSequence();
            serials.Add(Convert.ToHexStringLower(entry.ReadIntegerBytes().Span));
            SgxCertificateReader.ReadTime(entry);
            if (entry.HasData && !AreUnderstood(entry.ReadSequence())) return null;
            entry.ThrowIfNotEmpty();
        }

        return serials;
    }

    private static bool ReadExtensions(AsnReader tbs)
    {
        if (!tbs.HasData) return true;
        var wrapper = tbs.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
        tbs.ThrowIfNotEmpty();
        var list = wrapper.ReadSequence();
        wrapper.ThrowIfNotEmpty();
        return AreUnderstood(list);
    }

    /// <summary>
    /// A critical extension that we do not know would change what the list means (RFC 5280 §5.2); none is known here.
    /// </summary>
    private static bool AreUnderstood(AsnReader extensionList)
    {
        if (SgxCertificateReader.ReadExtensionList(extensionList) is not { } extensions) return false;
        foreach (var extension in extensions)
        {
            if (extension.Critical) return false;
        }

        return true;
    }
}
