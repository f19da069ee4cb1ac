using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broker.Kms.Keys;

namespace Broker.Kms.Tls;

/// <summary>Certificates joined with their keys, as Kestrel takes them.</summary>
internal static class ServerCertificate
{
    public static X509Certificate2 From(string certificatePem, P256PrivateKey key)
    {
        using var certificate = X509Certificate2.CreateFromPem(certificatePem);
        using var ecdsa = key.ToEcdsa();
        return certificate.CopyWithPrivateKey(ecdsa);
    }

    /// <summary>Key and certificate from files that the operator named.</summary>
    /// <exception cref="CryptographicException">They do not belong together, or cannot be read.</exception>
    public static X509Certificate2 FromFiles(string certificatePath, string keyPath) =>
        X509Certificate2.CreateFromPemFile(certificatePath, keyPath);

    /// <summary>A self-signed certificate with a fresh key, for the time of onboarding.</summary>
    public static X509Certificate2 ForOnboarding(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=dstack KMS onboarding", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
    }
}
