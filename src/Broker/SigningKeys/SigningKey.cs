using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broker.Configuration;
using Broker.Cryptography;

namespace Broker.SigningKeys;

/// <summary>
/// An ES256 key: P-256 with SHA-256, signatures as raw r‖s of 64 bytes (RFC 7518 §3.4). The algorithm belongs to the
/// key; no header chooses it. Safe for use by many threads at once.
/// </summary>
internal sealed class SigningKey : IDisposable
{
    public const int SignatureLength = 64;

    private readonly ECDsa _key;

    private SigningKey(string keyId, ECDsa key)
    {
        KeyId = keyId;
        _key = key;
        Jwk = EcJwk.FromPublicKey(key);
    }

    public string KeyId { get; }

    public EcJwk Jwk { get; }

    /// <summary>Loads the key file at <paramref name="path"/>.</summary>
    /// <exception cref="BootFailException">The file is missing, open to others, for another purpose, or not a P-256
    /// key.</exception>
    public static SigningKey Load(string path, string purpose, Setting setting)
    {
        var file = KeyFile.Read(path, purpose, setting);
        var key = ECDsa.Create();
        try
        {
            // ImportFromPem takes a public key too; such a file would fail at the first token instead of here.
            if (file.PrivateKeyPem[PemEncoding.Find(file.PrivateKeyPem).Label] != "PRIVATE KEY")
                throw new CryptographicException("not PKCS#8");
            key.ImportFromPem(file.PrivateKeyPem);
            var curve = key.ExportParameters(includePrivateParameters: false).Curve;
            if (curve.Oid.Value != ECCurve.NamedCurves.nistP256.Oid.Value)
                throw BootFailException.At(setting, path, "holds a key that is not P-256, which ES256 needs");
            return new SigningKey(file.KeyId, key);
        }
        catch (Exception wrong) when (wrong is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw BootFailException.At(setting, path, "holds no PKCS#8 P-256 private key", wrong);
        }
    }

    /// <summary>Signs into <paramref name="signature"/>, which must have 64 bytes.</summary>
    public void Sign(ReadOnlySpan<byte> bytes, Span<byte> signature)
    {
        const DSASignatureFormat Raw = DSASignatureFormat.IeeeP1363FixedFieldConcatenation;
        if (!_key.TrySignData(bytes, signature, HashAlgorithmName.SHA256, Raw, out var written)
            || written != SignatureLength)
            throw new CryptographicException("ES256 signature has the wrong length");
    }

    public bool Verify(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature) =>
        signature.Length == SignatureLength
        && _key.VerifyData(
            bytes, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <summary>SubjectPublicKeyInfo in PEM, for those who verify session tokens elsewhere.</summary>
    public string ExportPublicKeyPem() => _key.ExportSubjectPublicKeyInfoPem();

    /// <summary>The certificate that the JWKS carries as <c>x5c</c>; self-signed by this very key.</summary>
    public byte[] SelfSign(string name, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        var request = new CertificateRequest(subject.Build(), _key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(notBefore, notAfter);
        return certificate.RawData;
    }

    public void Dispose() => _key.Dispose();

    public override string ToString() => $"ES256 key {KeyId}";
}
