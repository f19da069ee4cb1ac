using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broker.Cryptography;
using Broker.Foundation.Settings;

namespace Broker.SigningKeys;

/// <summary>An ES256 key: P-256 with SHA-256, signatures as raw r‖s of 64 bytes (RFC 7518 §3.4).</summary>
internal sealed class Es256Key : SigningKey
{
    public const string Name = "ES256";

    private readonly ECDsa _key;

    private Es256Key(string keyId, ECDsa key)
        : base(keyId)
    {
        _key = key;
        Jwk = EcJwk.FromPublicKey(key);
        Thumbprint = Jwk.Thumbprint();
    }

    public override string Algorithm => Name;

    public override int SignatureLength => Es256.SignatureSize;

    public override string Thumbprint { get; }

    public EcJwk Jwk { get; }

    /// <summary>Loads the key file at <paramref name="path"/>.</summary>
    /// <exception cref="BootFailException">The file is missing, open to others, for another purpose, or not a P-256
    /// key.</exception>
    public static new Es256Key Load(string path, string purpose, Setting setting)
    {
        var file = KeyFile.Read(path, purpose, setting);
        var key = ECDsa.Create();
        try
        {
            Import(key, file);
            var curve = key.ExportParameters(includePrivateParameters: false).Curve;
            if (curve.Oid.Value != ECCurve.NamedCurves.nistP256.Oid.Value)
                throw BootFailException.At(setting, path, "holds a key that is not P-256, which ES256 needs");
            return new Es256Key(file.KeyId, key);
        }
        catch (Exception wrong) when (wrong is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw BootFailException.At(setting, path, "holds no PKCS#8 P-256 private key", wrong);
        }
    }

    /// <summary>The key of a PKCS#8 DER; its id is its RFC 7638 thumbprint.</summary>
    public static Es256Key FromPkcs8(ReadOnlySpan<byte> pkcs8)
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(pkcs8, out _);
        return new Es256Key(EcJwk.FromPublicKey(key).Thumbprint(), key);
    }

    /// <summary>The signature's s is of the lower half of the order.</summary>
    public override void Sign(ReadOnlySpan<byte> bytes, Span<byte> signature) => Es256.Sign(_key, bytes, signature);

    /// <summary>
    /// Whether this key made the signature. Its twin with the other s is refused: a token that we signed has one
    /// spelling.
    /// </summary>
    public bool Verify(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature) =>
        Es256.IsLowerHalf(signature) && Es256.Verify(_key, bytes, signature);

    /// <summary>SubjectPublicKeyInfo in PEM, for those who verify session tokens elsewhere.</summary>
    public string ExportPublicKeyPem() => _key.ExportSubjectPublicKeyInfoPem();

    public override bool IsOf(X509Certificate2 certificate)
    {
        using var other = certificate.GetECDsaPublicKey();
        return other is not null && EcJwk.FromPublicKey(other) == Jwk;
    }

    public override void Dispose() => _key.Dispose();

    protected override CertificateRequest Request(X500DistinguishedName subject) =>
        new(subject, _key, HashAlgorithmName.SHA256);
}
