using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.Simulation;

/// <summary>
/// An SGX hierarchy of one's own, in Intel's shapes but under another root: root, PCK Platform CA, TCB signer. It
/// certifies simulated machines and signs their collateral, so that the verifier that judges Intel's hardware judges
/// them by the same rules. Nothing made here is accepted unless its root is installed as an external trust anchor.
/// <para>
/// On disk: <c>root-ca.der</c>, <c>platform-ca.der</c>, <c>tcb-signing.der</c> with a <c>.key</c> each, and
/// <c>revoked.txt</c>, the serials (hex, one a line) of revoked PCK certificates.
/// </para>
/// </summary>
public sealed class SimulatedPki : IDisposable
{
    private const string RootName = "root-ca";
    private const string PlatformCaName = "platform-ca";
    private const string TcbSigningName = "tcb-signing";
    private const string RevokedName = "revoked.txt";

    private static readonly TimeSpan ClockSkew = TimeSpan.FromDays(1);
    private static readonly DateTimeOffset EndOfRoot = new(2049, 12, 31, 23, 59, 59, TimeSpan.Zero);

    private readonly CertifiedKey _root;
    private readonly CertifiedKey _platformCa;
    private readonly CertifiedKey _tcbSigning;

    private SimulatedPki(CertifiedKey root, CertifiedKey platformCa, CertifiedKey tcbSigning)
        => (_root, _platformCa, _tcbSigning) = (root, platformCa, tcbSigning);

    /// <summary>The root certificate, DER: what a verifier must be given as its external trust anchor.</summary>
    public ReadOnlyMemory<byte> Root => _root.Certificate;

    /// <summary>A new hierarchy with new keys.</summary>
    public static SimulatedPki Create(DateTimeOffset now)
    {
        var start = now - ClockSkew;
        var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = AuthorityRequest(SimulatedNames.Root, rootKey, pathLength: 1);
        var generator = X509SignatureGenerator.CreateForECDsa(rootKey);
        using var rootCertificate = rootRequest.Create(SimulatedNames.Root, generator, start, EndOfRoot, NewSerial());
        var root = new CertifiedKey(rootKey, rootCertificate.RawData);

        var platformKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var platformCa = new CertifiedKey(platformKey, Issue(
            root, SimulatedNames.Root, AuthorityRequest(SimulatedNames.PlatformCa, platformKey, pathLength: 0),
            start, start.AddYears(15)));

        var signingKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var tcbSigning = new CertifiedKey(signingKey, Issue(
            root, SimulatedNames.Root, EndEntityRequest(SimulatedNames.TcbSigning, signingKey),
            start, start.AddYears(7)));
        return new SimulatedPki(root, platformCa, tcbSigning);
    }

    /// <summary>
    /// Writes the hierarchy into a folder, made when it is not there; existing keys are never replaced.
    /// </summary>
    /// <exception cref="IOException">A key file is there already, or the folder cannot be written.</exception>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        _root.Save(folder, RootName);
        _platformCa.Save(folder, PlatformCaName);
        _tcbSigning.Save(folder, TcbSigningName);
    }

    /// <exception cref="IOException">The folder holds no hierarchy.</exception>
    /// <exception cref="CryptographicException">A key file is damaged.</exception>
    public static SimulatedPki Load(string folder) => new(
        CertifiedKey.Load(folder, RootName), CertifiedKey.Load(folder, PlatformCaName),
        CertifiedKey.Load(folder, TcbSigningName));

    /// <summary>A machine of the platform family that this hierarchy certifies.</summary>
    /// <param name="platform">
    /// What its PCK certificate says; <see cref="SimulatedPlatform"/> has the usual values.
    /// </param>
    public SimulatedMachine CreateMachine(SimulatedPlatform platform, DateTimeOffset now)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = EndEntityRequest(SimulatedNames.Pck, key);
        request.CertificateExtensions.Add(PckExtensionWriter.Write(platform));

        // An expired machine was certified like any other, eight years ago.
        var start = platform.CertificateExpired ? now.AddYears(-8) : now - ClockSkew;
        var certificate = Issue(_platformCa, SimulatedNames.PlatformCa, request, start, start.AddYears(7));
        return new SimulatedMachine(new CertifiedKey(key, certificate), [_platformCa.ToPem(), _root.ToPem()]);
    }

    /// <summary>Collateral for all machines of this hierarchy, issued at the start of the current hour.</summary>
    /// <param name="revokedSerials">Serial numbers of PCK certificates, hex.</param>
    public QuoteCollateral IssueCollateral(DateTimeOffset now, params IEnumerable<string> revokedSerials)
    {
        var issued = now - TimeSpan.FromTicks(now.Ticks % TimeSpan.TicksPerHour);
        var tcbInfo = SimulatedCollateral.TcbInfo(issued, issued.AddDays(30));
        var qeIdentity = SimulatedCollateral.QeIdentity(issued, issued.AddDays(30));
        var signerChain = _tcbSigning.ToPem() + _root.ToPem();
        return new QuoteCollateral
        {
            PckCrlIssuerChain = _platformCa.ToPem() + _root.ToPem(),
            RootCaCrl = RevocationList(_root, SimulatedNames.Root, [], issued, issued.AddYears(1)),
            PckCrl = RevocationList(_platformCa, SimulatedNames.PlatformCa, revokedSerials, issued, issued.AddDays(30)),
            TcbInfoIssuerChain = signerChain,
            TcbInfo = tcbInfo,
            TcbInfoSignature = _tcbSigning.SignRaw(Encoding.UTF8.GetBytes(tcbInfo)),
            QeIdentityIssuerChain = signerChain,
            QeIdentity = qeIdentity,
            QeIdentitySignature = _tcbSigning.SignRaw(Encoding.UTF8.GetBytes(qeIdentity)),
        };
    }

    /// <summary>Puts a PCK certificate on the list from which the hierarchy's next revocation lists are made.</summary>
    public static void Revoke(string folder, string serial)
        => File.AppendAllLines(Path.Combine(folder, RevokedName), [serial]);

    /// <summary>The serials of revoked PCK certificates, hex.</summary>
    public static IReadOnlyList<string> RevokedSerials(string folder)
    {
        var path = Path.Combine(folder, RevokedName);
        return File.Exists(path) ? File.ReadAllLines(path) : [];
    }

    public void Dispose()
    {
        _root.Dispose();
        _platformCa.Dispose();
        _tcbSigning.Dispose();
    }

    private static byte[] RevocationList(
        CertifiedKey issuer, X500DistinguishedName name, IEnumerable<string> serials,
        DateTimeOffset thisUpdate, DateTimeOffset nextUpdate)
    {
        var builder = new CertificateRevocationListBuilder();
        foreach (var serial in serials)
        {
            builder.AddEntry(Convert.FromHexString(serial), thisUpdate, X509RevocationReason.KeyCompromise);
        }

        return builder.Build(
            name, issuer.Generator, crlNumber: 1, nextUpdate, HashAlgorithmName.SHA256,
            issuer.AuthorityKeyIdentifier(), thisUpdate);
    }

    private static byte[] Issue(
        CertifiedKey issuer, X500DistinguishedName issuerName, CertificateRequest request,
        DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        request.CertificateExtensions.Add(issuer.AuthorityKeyIdentifier());
        using var certificate = request.Create(issuerName, issuer.Generator, notBefore, notAfter, NewSerial());
        return certificate.RawData;
    }

    private static CertificateRequest AuthorityRequest(X500DistinguishedName name, ECDsa key, int pathLength)
        => Request(
            name, key, new X509BasicConstraintsExtension(true, true, pathLength, critical: true),
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign);

    private static CertificateRequest EndEntityRequest(X500DistinguishedName name, ECDsa key)
        => Request(
            name, key, new X509BasicConstraintsExtension(false, false, 0, critical: true),
            X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation);

    private static CertificateRequest Request(
        X500DistinguishedName name, ECDsa key, X509BasicConstraintsExtension constraints, X509KeyUsageFlags usage)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(constraints);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    private static byte[] NewSerial()
    {
        var serial = RandomNumberGenerator.GetBytes(20);
        serial[0] = (byte)((serial[0] & 0x3f) | 0x40); // positive, and never shorter
        return serial;
    }
}
