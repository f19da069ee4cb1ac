using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Broker.Attestation.Apps;
using Broker.Attestation.Evidence;

namespace Broker.Attestation.RaTls;

/// <summary>
/// Makes RA-TLS extensions. All are non-critical, and all wrap their payload once more than X.509 asks for: the
/// extension's value is a DER OCTET STRING that holds the bytes. Certificates carry them in the order app id, app info,
/// usage, attestation.
/// </summary>
public static class RaTlsExtensions
{
    public static X509Extension AppId(ReadOnlySpan<byte> appId) => Wrap(RaTlsOid.AppId, appId);

    public static X509Extension AppInfo(AppInfo info) => Wrap(RaTlsOid.AppInfo, info.Encode());

    public static X509Extension Usage(string usage) => Wrap(RaTlsOid.CertificateUsage, Encoding.UTF8.GetBytes(usage));

    /// <summary>The envelope, without what a certificate has no room for.</summary>
    public static X509Extension Attestation(VersionedAttestation attestation)
        => Wrap(RaTlsOid.Attestation, attestation.StrippedForCertificate().Encode());

    private static X509Extension Wrap(string oid, ReadOnlySpan<byte> payload)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(payload);
        return new X509Extension(oid, writer.Encode(), critical: false);
    }
}
