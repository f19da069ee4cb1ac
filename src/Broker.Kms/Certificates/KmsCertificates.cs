using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broker.Attestation.Apps;
using Broker.Attestation.RaTls;
using Broker.Kms.Keys;

namespace Broker.Kms.Certificates;

/// <summary>
/// The certificates of a KMS, each as PEM with LF line ends: who they name, who signs them, what they may do.
/// </summary>
internal static class KmsCertificates
{
    /// <summary>How long a certificate lives, unless a CSR asks for something else.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(3650);

    /// <summary>
    /// The self-signed root. Apps pin its key, so a new certificate of the same key changes nothing for them.
    /// </summary>
    public static string RootCa(P256PrivateKey key, DateTimeOffset now) =>
        Pem(new CertificateTemplate
        {
            Subject = DistinguishedName.RootCa,
            SubjectPublicKeyInfo = key.SubjectPublicKeyInfo,
            NotAfter = now + Lifetime,
            CaPathLength = 1,
        }, DistinguishedName.RootCa, key);

    /// <summary>
    /// The CA whose private key everyone may have: it only makes TLS layers accept an RA-TLS client certificate.
    /// </summary>
    public static string TempCa(P256PrivateKey key, DateTimeOffset now) =>
        Pem(new CertificateTemplate
        {
            Subject = DistinguishedName.TempCa,
            SubjectPublicKeyInfo = key.SubjectPublicKeyInfo,
            NotAfter = now + Lifetime,
            CaPathLength = 0,
        }, DistinguishedName.TempCa, key);

    /// <summary>The server's own certificate for <paramref name="domain"/>, directly under the root.</summary>
    /// <param name="attestation">Bound to <paramref name="rpcKey"/>; null where the operator runs without.</param>
    public static string Rpc(
        byte[] rpcKey, string domain, byte[]? attestation, P256PrivateKey rootCa, DateTimeOffset now) =>
        Pem(new CertificateTemplate
        {
            Subject = DistinguishedName.Rpc(domain),
            SubjectPublicKeyInfo = rpcKey,
            NotAfter = now + Lifetime,
            AlternativeNames = [domain],
            Usage = CertificateUsage.KmsRpc,
            Attestation = attestation,
        }, DistinguishedName.RootCa, rootCa);

    /// <summary>An app's own CA. Signed afresh on each use: same key, same name, later end.</summary>
    public static string AppCa(P256PrivateKey appCa, AppId app, P256PrivateKey rootCa, DateTimeOffset now) =>
        Pem(new CertificateTemplate
        {
            Subject = DistinguishedName.AppCa,
            SubjectPublicKeyInfo = appCa.SubjectPublicKeyInfo,
            NotAfter = now + Lifetime,
            CaPathLength = 0,
            AppId = app.ToBytes(),
            Usage = CertificateUsage.AppCa,
        }, DistinguishedName.RootCa, rootCa);

    /// <summary>A client certificate that carries evidence, under a temp CA whose key was handed out.</summary>
    public static string RaTlsClient(
        P256PrivateKey key, byte[] attestation, P256PrivateKey tempCa, DateTimeOffset now) =>
        Pem(new CertificateTemplate
        {
            Subject = DistinguishedName.RaTlsClient,
            SubjectPublicKeyInfo = key.SubjectPublicKeyInfo,
            NotAfter = now + Lifetime,
            Attestation = attestation,
        }, DistinguishedName.TempCa, tempCa);

    /// <summary>Signs any template and writes it as PEM.</summary>
    public static string Pem(CertificateTemplate template, DistinguishedName issuer, P256PrivateKey issuerKey) =>
        PemEncoding.WriteString("CERTIFICATE", CertificateWriter.Issue(template, issuer, issuerKey)) + "\n";

    /// <summary>Reads the first certificate of a PEM text.</summary>
    /// <exception cref="CryptographicException">There is none.</exception>
    public static X509Certificate2 Read(string pem) => X509Certificate2.CreateFromPem(pem);
}
