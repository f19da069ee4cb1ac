using System.Formats.Asn1;
using System.Security.Cryptography;
using Broker.Attestation.SevSnp.Reports;
using Broker.Attestation.Verification;

namespace Broker.Attestation.SevSnp.Certificates;

/// <summary>
/// A leaf under its intermediate under the pinned root of its family. Done by hand: the framework's chain also takes
/// other signature algorithms, short keys, a leaf that is a CA, and a VLEK under the intermediate of VCEKs.
/// </summary>
internal sealed class SnpChain
{
    private SnpChain(SnpCertificate root, SnpCertificate intermediate, SnpCertificate leaf)
    {
        Root = root;
        Intermediate = intermediate;
        Leaf = leaf;
    }

    public SnpCertificate Root { get; }

    public SnpCertificate Intermediate { get; }

    public SnpCertificate Leaf { get; }

    private IEnumerable<SnpCertificate> All => [Root, Intermediate, Leaf];

    /// <summary>Since when all three are valid.</summary>
    public DateTimeOffset ValidFrom => All.Max(one => one.NotBefore);

    /// <summary>Until when all three are valid, this second included.</summary>
    public DateTimeOffset ValidUntil => All.Min(one => one.NotAfter);

    /// <summary>Judges names, algorithms, keys, constraints, dates and signatures, in this order.</summary>
    public static SnpOutcome<SnpChain> Verify(
        SnpCertificate? root, SnpCertificate? intermediate, SnpCertificate leaf,
        ProcessorFamily family, SnpSigningKey key, DateTimeOffset now)
    {
        if (root is null) return new SnpRefusal(SnpRefusalReason.CertMalformed, "the root is not a certificate");
        if (intermediate is null)
            return new SnpRefusal(SnpRefusalReason.CertMalformed, "the intermediate is not a certificate");

        var chain = new SnpChain(root, intermediate, leaf);
        var refusal = chain.RefuseNames(family, key) ?? chain.RefuseForm() ?? chain.RefuseConstraints()
            ?? chain.RefuseDates(now) ?? chain.RefuseSignatures();
        return refusal is null ? chain : refusal;
    }

    private SnpRefusal? RefuseNames(ProcessorFamily family, SnpSigningKey key)
    {
        if (!Is(Root.Subject, SnpNames.Root(family)) || !Is(Root.Issuer, Root.Subject.Span))
            return Refuse(SnpRefusalReason.ChainName, $"the root is not ARK-{family}");
        if (!Is(Intermediate.Subject, SnpNames.Intermediate(family, key)))
        {
            return Refuse(
                SnpRefusalReason.ChainName,
                $"the intermediate is not that of {family} for a {key.ToString().ToUpperInvariant()}");
        }

        if (!Is(Intermediate.Issuer, Root.Subject.Span))
            return Refuse(SnpRefusalReason.ChainName, "the intermediate names another issuer");
        if (!Is(Leaf.Issuer, Intermediate.Subject.Span))
            return Refuse(SnpRefusalReason.ChainName, "the leaf names another issuer");
        return Is(Leaf.Subject, SnpNames.Leaf(key))
            ? null
            : Refuse(SnpRefusalReason.LeafName, $"the leaf is not named SEV-{key.ToString().ToUpperInvariant()}");
    }

    private SnpRefusal? RefuseForm()
    {
        if (!All.All(one => one.HasAlgorithm))
            return Refuse(SnpRefusalReason.ChainAlgorithm, "a certificate is not signed with RSASSA-PSS and SHA-384");
        if (!Root.Key.IsAuthorityKey || !Intermediate.Key.IsAuthorityKey)
            return Refuse(SnpRefusalReason.ChainKey, "an authority has no RSA key of 4096 bits");
        return Leaf.Key.P384 is null ? Refuse(SnpRefusalReason.LeafKey, "the leaf has no P-384 key") : null;
    }

    private SnpRefusal? RefuseConstraints()
    {
        if (All.Any(one => X509Constraints.UnknownCritical(one.Extensions) is not null))
            return Refuse(SnpRefusalReason.ChainConstraints, "an unknown critical extension");
        if (!IsAuthority(Root, casBelow: 1) || !IsAuthority(Intermediate, casBelow: 0))
            return Refuse(SnpRefusalReason.ChainConstraints, "an authority may not sign certificates");
        var leaf = X509Constraints.ReadBasicConstraints(Leaf.Extensions);
        return leaf is { IsAuthority: true }
            ? Refuse(SnpRefusalReason.ChainConstraints, "the leaf is a CA")
            : null;
    }

    private SnpRefusal? RefuseDates(DateTimeOffset now)
    {
        if (now < ValidFrom) return Refuse(SnpRefusalReason.ChainValidity, $"a certificate starts {ValidFrom:u}");
        return now > ValidUntil ? Refuse(SnpRefusalReason.ChainValidity, $"a certificate ended {ValidUntil:u}") : null;
    }

    private SnpRefusal? RefuseSignatures()
    {
        using var rootKey = Root.Key.OpenRsa();
        using var intermediateKey = Intermediate.Key.OpenRsa();
        if (!IsSigned(Root, rootKey))
            return Refuse(SnpRefusalReason.ChainSignature, "the root's own signature does not hold");
        if (!IsSigned(Intermediate, rootKey))
            return Refuse(SnpRefusalReason.ChainSignature, "the root did not sign the intermediate");
        return IsSigned(Leaf, intermediateKey)
            ? null
            : Refuse(SnpRefusalReason.ChainSignature, "the intermediate did not sign the leaf");
    }

    private static bool IsAuthority(SnpCertificate certificate, int casBelow)
        => X509Constraints.ReadBasicConstraints(certificate.Extensions) is { IsAuthority: true } constraints
        && constraints.PathLength >= casBelow
        // AMD's intermediates write keyCertSign with a zero bit after it.
        && X509Constraints.ReadKeyUsage(certificate.Extensions, AsnEncodingRules.BER) is { } usage
        && usage.HasFlag(CertificateKeyUsage.KeyCertSign);

    private static bool IsSigned(SnpCertificate certificate, RSA issuer)
        => SnpSignatureAlgorithm.Verify(issuer, certificate.ToBeSigned.Span, certificate.Signature.Span);

    private static bool Is(ReadOnlyMemory<byte> name, ReadOnlySpan<byte> expected) => name.Span.SequenceEqual(expected);

    private static SnpRefusal Refuse(SnpRefusalReason reason, string detail) => new(reason, detail);
}
