using System.Security.Cryptography.X509Certificates;

namespace Broker.Kms.Tls;

/// <summary>
/// Which client certificates the TLS layer lets in: those under the temp CA, and connections without one. Who the
/// caller is follows from the evidence in the certificate, not from this: anybody can have the temp CA's key.
/// </summary>
internal sealed class ClientCertificateTrust(X509Certificate2Collection authorities)
{
    /// <summary>Reads one or more CA certificates.</summary>
    public static ClientCertificateTrust FromPem(string pem)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(pem);
        return new ClientCertificateTrust(authorities);
    }

    /// <summary>
    /// Whether <paramref name="certificate"/> chains to an authority now. A failure ends the handshake.
    /// </summary>
    public bool Accepts(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(certificate);
    }
}
