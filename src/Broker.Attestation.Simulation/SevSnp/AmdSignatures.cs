using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broker.Attestation.SevSnp.Certificates;

namespace Broker.Attestation.Simulation.SevSnp;

/// <summary>
/// Signs certificates and revocation lists as AMD does. The framework encodes the same algorithm in another way, which
/// a verifier of AMD's hierarchy refuses.
/// </summary>
internal sealed class AmdSignatures(RSA key) : X509SignatureGenerator
{
    public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm)
        => SnpSignatureAlgorithm.Encoded.ToArray();

    public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm)
        => key.SignData(data, HashAlgorithmName.SHA384, RSASignaturePadding.Pss);

    protected override PublicKey BuildPublicKey() => new(key);
}
