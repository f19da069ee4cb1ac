using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broker.Foundation.Settings;

namespace Broker.SigningKeys;

/// <summary>
/// A key that signs tokens. The algorithm belongs to the key; no header chooses it. Safe for use by many threads at
/// once.
/// </summary>
internal abstract class SigningKey(string keyId) : IDisposable
{
    /// <summary>RFC 5280 appendix A, ub-common-name.</summary>
    private const int LongestCommonName = 64;

    public string KeyId { get; } = keyId;

    /// <summary>The JWS <c>alg</c> (RFC 7518 §3.1).</summary>
    public abstract string Algorithm { get; }

    /// <summary>In bytes.</summary>
    public abstract int SignatureLength { get; }

    /// <summary>The RFC 7638 thumbprint: two keys with the same one are the same key.</summary>
    public abstract string Thumbprint { get; }

    /// <summary>Loads the key file at <paramref name="path"/>; its purpose says of which algorithm it is.</summary>
    /// <exception cref="BootFailException">
    /// The file is missing, open to others, for another purpose, or holds no such key.
    /// </exception>
    public static SigningKey Load(string path, string purpose, Setting setting) => purpose == KeyPurpose.OidcRs256
        ? Rs256Key.Load(path, setting)
        : Es256Key.Load(path, purpose, setting);

    /// <summary>
    /// Signs into <paramref name="signature"/>, which must have <see cref="SignatureLength"/> bytes.
    /// </summary>
    public abstract void Sign(ReadOnlySpan<byte> bytes, Span<byte> signature);

    /// <summary>
    /// The certificate that the JWKS carries as <c>x5c</c>; self-signed by this very key. A name too long for a common
    /// name is replaced by the key's thumbprint.
    /// </summary>
    /// <param name="extensions">What the certificate says beside the key.</param>
    public byte[] SelfSign(
        string name, DateTimeOffset notBefore, DateTimeOffset notAfter, params ReadOnlySpan<X509Extension> extensions)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name.Length <= LongestCommonName ? name : Thumbprint);
        var request = Request(subject.Build());
        foreach (var extension in extensions) request.CertificateExtensions.Add(extension);
        using var certificate = request.CreateSelfSigned(notBefore, notAfter);
        return certificate.RawData;
    }

    /// <summary>Whether the certificate is of this key.</summary>
    public abstract bool IsOf(X509Certificate2 certificate);

    public abstract void Dispose();

    public override string ToString() => $"{Algorithm} key {KeyId}";

    protected abstract CertificateRequest Request(X500DistinguishedName subject);

    /// <summary>Imports the file's PKCS#8, and refuses every other form of PEM.</summary>
    protected static void Import(AsymmetricAlgorithm key, KeyFile file)
    {
        // ImportFromPem takes a public key too; such a file would fail at the first token instead of here.
        if (file.PrivateKeyPem[PemEncoding.Find(file.PrivateKeyPem).Label] != "PRIVATE KEY")
            throw new CryptographicException("not PKCS#8");
        key.ImportFromPem(file.PrivateKeyPem);
    }
}
