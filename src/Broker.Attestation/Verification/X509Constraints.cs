using System.Collections.Immutable;
using System.Formats.Asn1;

namespace Broker.Attestation.Verification;

/// <summary>The two extensions that say what a certificate's key may do (RFC 5280 §4.2.1.3, §4.2.1.9).</summary>
internal static class X509Constraints
{
    private const string BasicConstraintsOid = "2.5.29.19";
    private const string KeyUsageOid = "2.5.29.15";

    /// <summary>The content of an extension's OCTET STRING; null when there is no such extension.</summary>
    public static ReadOnlyMemory<byte>? ValueOf(ImmutableArray<CertificateExtension> extensions, string oid)
    {
        foreach (var extension in extensions)
        {
            if (extension.Oid == oid) return extension.Value;
        }

        return null;
    }

    /// <summary>The first critical extension but these two, which a verifier may not pass over; null for none.</summary>
    public static string? UnknownCritical(ImmutableArray<CertificateExtension> extensions)
    {
        foreach (var extension in extensions)
        {
            if (extension.Critical && extension.Oid is not (BasicConstraintsOid or KeyUsageOid)) return extension.Oid;
        }

        return null;
    }

    /// <summary>Null when there is no such extension or it is not of its form.</summary>
    public static (bool IsAuthority, int PathLength)? ReadBasicConstraints(
        ImmutableArray<CertificateExtension> extensions)
    {
        if (ValueOf(extensions, BasicConstraintsOid) is not { } encoded) return null;
        try
        {
            var outer = new AsnReader(encoded, AsnEncodingRules.DER);
            var constraints = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            var isAuthority = constraints.HasData
                && constraints.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && constraints.ReadBoolean();
            var pathLength = int.MaxValue;
            if (constraints.HasData && !constraints.TryReadInt32(out pathLength)) return null;
            constraints.ThrowIfNotEmpty();
            return (isAuthority, pathLength);
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    /// <summary>Null when there is no such extension or it is not of its form.</summary>
    /// <param name="rules">BER where an issuer leaves zero bits at the end of the list, which DER forbids.</param>
    public static CertificateKeyUsage? ReadKeyUsage(
        ImmutableArray<CertificateExtension> extensions, AsnEncodingRules rules = AsnEncodingRules.DER)
    {
        if (ValueOf(extensions, KeyUsageOid) is not { } encoded) return null;
        try
        {
            var outer = new AsnReader(encoded, rules);
            var usage = outer.ReadNamedBitListValue<CertificateKeyUsage>();
            outer.ThrowIfNotEmpty();
            return usage;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}

/// <summary>KeyUsage of RFC 5280 §4.2.1.3, bit 0 first.</summary>
[Flags]
internal enum CertificateKeyUsage
{
    DigitalSignature = 1 << 0,
    NonRepudiation = 1 << 1,
    KeyEncipherment = 1 << 2,
    DataEncipherment = 1 << 3,
    KeyAgreement = 1 << 4,
    KeyCertSign = 1 << 5,
    CrlSign = 1 << 6,
    EncipherOnly = 1 << 7,
    DecipherOnly = 1 << 8,
}
