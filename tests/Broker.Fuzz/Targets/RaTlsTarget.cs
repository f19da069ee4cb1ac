using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broker.Attestation.RaTls;

namespace Broker.Fuzz.Targets;

/// <summary>
/// Certificates with attestation extensions. The framework parses the certificate; what it accepts is ours to read.
/// </summary>
internal sealed class RaTlsTarget : IFuzzTarget
{
    private static readonly byte[] Certificate = CreateCertificate();

    public string Name => "ra-tls";

    public int Weight => 1;

    public IEnumerable<byte[]> Seeds() => [Certificate];

    public void Execute(byte[] input)
    {
        X509Certificate2 certificate;
        try
        {
            certificate = X509CertificateLoader.LoadCertificate(input);
        }
        catch (CryptographicException)
        {
            return;
        }

        using (certificate) RaTlsCertificate.Read(certificate);
    }

    public long AllocationBound(int inputLength) => 256 * 1024 + (96L * inputLength);

    private static byte[] CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=guest", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(RaTlsExtensions.AppId(new byte[20]));
        request.CertificateExtensions.Add(
            RaTlsExtensions.Attestation(SimulatedSeeds.Attestation.StrippedForCertificate()));
        using var certificate = request.CreateSelfSigned(SimulatedSeeds.Now, SimulatedSeeds.Now.AddYears(1));
        return certificate.RawData;
    }
}
