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
    public const int SignatureLength = Es256.SignatureSize;

    /// <summary>RFC 5280 appendix A, ub-common-name.</summary>
    private const int LongestCommonName = 64;

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

    /// <summary>
    /// Signs into <paramref name="signature"/>, which must have 64 bytes; s is of the lower half of the order.
    /// </summary>
    public void Sign(ReadOnlySpan<byte> bytes, Span<byte> signature) => Es256.Sign(_key, bytes, signature);

    /// <summary>
    /// Whether this key made the signature. Its twin with the other s is refused: a token that we signed has one
    /// spelling.
    /// </summary>
    public bool Verify(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature) =>
        Es256.IsLowerHalf(signature) && Es256.Verify(_key, bytes, signature);

    /// <summary>SubjectPublicKeyInfo in PEM, for those who verify session tokens elsewhere.</summary>
    public string ExportPublicKeyPem() => _key.ExportSubjectPublicKeyInfoPem();

    /// <summary>
    /// The certificate that the JWKS carries as <c>x5c</c>; self-signed by this very key. A name too long for a common
    /// name is replaced by the key's thumbprint.
    /// </summary>
    public byte[] SelfSign(string name, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name.Length <= LongestCommonName ? name : Jwk.Thumbprint());
        var request = new CertificateRequest(subject.Build(), _key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(notBefore, notAfter);
        return certificate.RawData;
    }

    public void Dispose() => _key.Dispose();

    public override string ToString() => $"ES256 key {KeyId}";
}
