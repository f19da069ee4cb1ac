using System.Formats.Asn1;
using Broker.Attestation.SevSnp.Reports;
using Broker.Attestation.Verification;

namespace Broker.Attestation.SevSnp.Certificates;

/// <summary>
/// A root's list of revoked intermediates (RFC 5280 §5). It says nothing about leaves: another issuer signs those, and
/// all of them have the serial number 0.
/// </summary>
internal sealed class SnpRevocationList
{
    /// <summary>AMD's lists have at most some entries.</summary>
    public const int MaxLength = 64 * 1024;

    private readonly ReadOnlyMemory<byte> _toBeSigned;
    private readonly ReadOnlyMemory<byte> _signature;
    private readonly ReadOnlyMemory<byte> _issuer;
    private readonly bool _hasAlgorithm;
    private readonly HashSet<string> _revoked = new(StringComparer.Ordinal);

    private SnpRevocationList(ReadOnlyMemory<byte> encoded)
    {
        var outer = new AsnReader(encoded, AsnEncodingRules.DER);
        var list = outer.ReadSequence();
        outer.ThrowIfNotEmpty();

        _toBeSigned = list.PeekEncodedValue();
        var tbs = list.ReadSequence();
        var algorithm = list.ReadEncodedValue();
        _signature = list.ReadBitString(out var unusedBits);
        list.ThrowIfNotEmpty();

        if (unusedBits != 0 || !tbs.TryReadInt32(out var version) || version != 1) throw new AsnContentException();
        var signedAlgorithm = tbs.ReadEncodedValue();
        _hasAlgorithm = algorithm.Span.SequenceEqual(signedAlgorithm.Span) && SnpSignatureAlgorithm.Is(algorithm.Span);
        _issuer = tbs.ReadEncodedValue();
        ThisUpdate = SgxCertificateReader.ReadTime(tbs);
        NextUpdate = HasTime(tbs) ? SgxCertificateReader.ReadTime(tbs) : null;
        if (tbs.HasData && tbs.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence)) ReadEntries(tbs.ReadSequence());
        ReadExtensions(tbs);
    }

    public DateTimeOffset ThisUpdate { get; }

    /// <summary>Null when the list does not say until when it counts.</summary>
    public DateTimeOffset? NextUpdate { get; }

    /// <summary>Null when the bytes are not one such list without anything after it.</summary>
    public static SnpRevocationList? TryRead(ReadOnlyMemory<byte> encoded)
    {
        if (encoded.Length > MaxLength) return null;
        try
        {
            return new SnpRevocationList(encoded);
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    /// <summary>Null when the list holds at that time and does not name the intermediate.</summary>
    public SnpRefusal? Refuse(SnpChain chain, DateTimeOffset now)
        => Refuse(chain.Root, now)
        ?? (_revoked.Contains(Convert.ToHexStringLower(chain.Intermediate.SerialNumber.Span))
            ? new SnpRefusal(SnpRefusalReason.Revoked, "the root has revoked the intermediate")
            : null);

    /// <summary>Null when the list is that root's and holds at that time, whatever it names.</summary>
    public SnpRefusal? Refuse(SnpCertificate root, DateTimeOffset now)
    {
        if (!_issuer.Span.SequenceEqual(root.Subject.Span))
            return new SnpRefusal(SnpRefusalReason.CrlIssuer, "the revocation list is another root's");
        using var key = root.Key.OpenRsa();
        if (!_hasAlgorithm || !SnpSignatureAlgorithm.Verify(key, _toBeSigned.Span, _signature.Span))
            return new SnpRefusal(SnpRefusalReason.CrlSignature, "the root did not sign the revocation list");
        return now < ThisUpdate || NextUpdate is not { } end || now > end
            ? new SnpRefusal(SnpRefusalReason.CrlValidity, "the revocation list is outside its dates")
            : null;
    }

    private static bool HasTime(AsnReader tbs)
        => tbs.HasData && (tbs.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime)
            || tbs.PeekTag().HasSameClassAndValue(Asn1Tag.GeneralizedTime));

    private void ReadEntries(AsnReader entries)
    {
        while (entries.HasData)
        {
            var entry = entries.ReadSequence();
            _revoked.Add(Convert.ToHexStringLower(entry.ReadIntegerBytes().Span));
            SgxCertificateReader.ReadTime(entry);
            if (entry.HasData) RequireUnderstood(entry.ReadSequence());
            entry.ThrowIfNotEmpty();
        }
    }

    private static void ReadExtensions(AsnReader tbs)
    {
        if (!tbs.HasData) return;
        var wrapper = tbs.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
        tbs.ThrowIfNotEmpty();
        RequireUnderstood(wrapper.ReadSequence());
        wrapper.ThrowIfNotEmpty();
    }

    /// <summary>A critical extension would change what the list means (RFC 5280 §5.2); none is known here.</summary>
    private static void RequireUnderstood(AsnReader extensionList)
    {
        if (SgxCertificateReader.ReadExtensionList(extensionList) is not { } extensions
            || extensions.Any(extension => extension.Critical))
        {
            throw new AsnContentException();
        }
    }
}
