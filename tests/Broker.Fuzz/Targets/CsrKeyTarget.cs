using System.Security.Cryptography;
using Broker.Attestation.CertificateRequests;

namespace Broker.Fuzz.Targets;

/// <summary>The public key inside a certificate request: keys of any kind and curve are a reason, never a fault.</summary>
internal sealed class CsrKeyTarget : IFuzzTarget
{
    public string Name => "csr-key";

    public int Weight => 2;

    public IEnumerable<byte[]> Seeds()
    {
        using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        yield return p256.ExportSubjectPublicKeyInfo();
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        yield return p384.ExportSubjectPublicKeyInfo();
        using var named = ECDsa.Create(p256.ExportExplicitParameters(includePrivateParameters: true));
        yield return named.ExportSubjectPublicKeyInfo();
    }

    public void Execute(byte[] input) =>
        CsrSignature.Verify(CsrSignature.ConfirmWord, input, "request"u8, [0x30, 6, 2, 1, 1, 2, 1, 1]);

    public long AllocationBound(int inputLength) => (128 * 1024) + (64L * inputLength);
}
