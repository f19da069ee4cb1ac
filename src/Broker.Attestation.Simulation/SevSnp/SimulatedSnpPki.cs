using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broker.Attestation.SevSnp.Certificates;
using Broker.Attestation.SevSnp.Reports;

namespace Broker.Attestation.Simulation.SevSnp;

/// <summary>
/// A SEV-SNP hierarchy of one's own, in AMD's shapes and names but under another root, for one family of processors: a
/// root, an intermediate for VCEKs, and any number of chips. The verifier that judges AMD's hardware judges these by
/// the same rules. Nothing made here is accepted unless its root is installed as an external trust anchor.
/// </summary>
public sealed class SimulatedSnpPki : IDisposable
{
    private const int AuthorityKeyBits = 4096;

    private static readonly TimeSpan ClockSkew = TimeSpan.FromDays(1);
    private static readonly byte[] IntermediateSerial = [1, 0, 1];

    private readonly RSA _rootKey = RSA.Create(AuthorityKeyBits);
    private readonly RSA _intermediateKey = RSA.Create(AuthorityKeyBits);
    private readonly DateTimeOffset _start;

    private SimulatedSnpPki(ProcessorFamily family, DateTimeOffset now)
    {
        Family = family;
        _start = now - ClockSkew;
        var rootName = new X500DistinguishedName(SnpNames.Root(family));
        Root = Issue(
            rootName, Authority(rootName, _rootKey, pathLength: null), _rootKey, _start.AddYears(25), [1, 0, 0]);
        var name = new X500DistinguishedName(SnpNames.Intermediate(family, SnpSigningKey.Vcek));
        Intermediate = Issue(
            rootName, Authority(name, _intermediateKey, pathLength: 0), _rootKey, _start.AddYears(25),
            IntermediateSerial);
    }

    public ProcessorFamily Family { get; }

    /// <summary>The root certificate, DER: what a verifier must be given as its external trust anchor.</summary>
    public byte[] Root { get; }

    /// <summary>The intermediate that issues VCEKs, DER.</summary>
    public byte[] Intermediate { get; }

    /// <summary>A new hierarchy with new keys. Takes seconds: they are RSA keys of 4096 bits.</summary>
    public static SimulatedSnpPki Create(ProcessorFamily family, DateTimeOffset now) => new(family, now);

    /// <summary>A machine with a chip of this hierarchy.</summary>
    /// <param name="chip">Makes the chip's id; equal texts are the same chip.</param>
    public SimulatedSnpMachine CreateMachine(string chip, TcbLevels tcb) => new(this, chip, tcb);

    /// <summary>The root's list of revoked intermediates, DER.</summary>
    /// <param name="revokesIntermediate">Whether it names this hierarchy's intermediate.</param>
    public byte[] RevocationList(DateTimeOffset from, DateTimeOffset until, bool revokesIntermediate = false)
    {
        var list = new CertificateRevocationListBuilder();
        if (revokesIntermediate) list.AddEntry(IntermediateSerial, from);
        using var root = X509CertificateLoader.LoadCertificate(Root);
        var authority = X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            root, includeKeyIdentifier: true, includeIssuerAndSerial: false);
        return list.Build(
            root.SubjectName, new AmdSignatures(_rootKey), 1, until, HashAlgorithmName.SHA384, authority, from);
    }

    /// <summary>Certifies the key of a chip at some firmware levels.</summary>
    internal byte[] IssueVcek(ECDsa key, TcbLevels tcb, ReadOnlySpan<byte> hardwareId)
    {
        var request = new CertificateRequest(
            new X500DistinguishedName(SnpNames.Leaf(SnpSigningKey.Vcek)), key, HashAlgorithmName.SHA384);
        foreach (var extension in VcekExtensions.Of(Family, tcb, hardwareId))
            request.CertificateExtensions.Add(extension);
        return Issue(
            new X500DistinguishedName(SnpNames.Intermediate(Family, SnpSigningKey.Vcek)), request, _intermediateKey,
            _start.AddYears(7), [0]);
    }

    public void Dispose()
    {
        _rootKey.Dispose();
        _intermediateKey.Dispose();
    }

    private static CertificateRequest Authority(X500DistinguishedName name, RSA key, int? pathLength)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA384, RSASignaturePadding.Pss);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(
            certificateAuthority: true, pathLength.HasValue, pathLength ?? 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    private byte[] Issue(
        X500DistinguishedName issuer, CertificateRequest request, RSA issuerKey, DateTimeOffset until, byte[] serial)
    {
        using var certificate = request.Create(issuer, new AmdSignatures(issuerKey), _start, until, serial);
        return certificate.RawData;
    }
}
