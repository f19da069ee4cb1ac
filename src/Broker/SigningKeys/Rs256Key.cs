using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Broker.Foundation.Settings;

namespace Broker.SigningKeys;

/// <summary>
/// An RS256 key: RSASSA-PKCS1-v1_5 with SHA-256, of 2048 to 4096 bits (RFC 7518 §3.3), for relying parties that refuse
/// ES256.
/// </summary>
internal sealed class Rs256Key : SigningKey
{
    public const string Name = "RS256";
    public const int UsualBits = 2048;
    private const int MostBits = 4096;

    private readonly RSA _key;

    private Rs256Key(string keyId, RSA key)
        : base(keyId)
    {
        _key = key;
        var parameters = key.ExportParameters(includePrivateParameters: false);
        Modulus = Base64Url.EncodeToString(parameters.Modulus);
        Exponent = Base64Url.EncodeToString(parameters.Exponent);
        Thumbprint = ThumbprintOf(Modulus, Exponent);
    }

    public override string Algorithm => Name;

    public override int SignatureLength => _key.KeySize / 8;

    public override string Thumbprint { get; }

    /// <summary>The JWK's <c>n</c> (RFC 7518 §6.3.1.1).</summary>
    public string Modulus { get; }

    /// <summary>The JWK's <c>e</c>.</summary>
    public string Exponent { get; }

    /// <summary>RFC 7638 §3 for RSA: the digest over <c>e</c>, <c>kty</c> and <c>n</c>.</summary>
    public static string ThumbprintOf(RSA key)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return ThumbprintOf(
            Base64Url.EncodeToString(parameters.Modulus), Base64Url.EncodeToString(parameters.Exponent));
    }

    /// <summary>Loads the key file at <paramref name="path"/>.</summary>
    /// <exception cref="BootFailException">
    /// The file is missing, open to others, for another purpose, or not an RSA key of 2048 to 4096 bits.
    /// </exception>
    public static Rs256Key Load(string path, Setting setting)
    {
        var file = KeyFile.Read(path, KeyPurpose.OidcRs256, setting);
        var key = RSA.Create();
        try
        {
            Import(key, file);
            if (key.KeySize is < UsualBits or > MostBits || key.KeySize % 8 != 0)
            {
                throw BootFailException.At(
                    setting, path, $"holds an RSA key of {key.KeySize} bits; RS256 needs {UsualBits} to {MostBits}");
            }

            return new Rs256Key(file.KeyId, key);
        }
        catch (Exception wrong) when (wrong is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw BootFailException.At(setting, path, "holds no PKCS#8 RSA private key", wrong);
        }
    }

    public override void Sign(ReadOnlySpan<byte> bytes, Span<byte> signature) =>
        _key.SignData(bytes, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    public override bool IsOf(X509Certificate2 certificate)
    {
        using var other = certificate.GetRSAPublicKey();
        return other is not null && ThumbprintOf(other) == Thumbprint;
    }

    public override void Dispose() => _key.Dispose();

    protected override CertificateRequest Request(X500DistinguishedName subject) =>
        new(subject, _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    private static string ThumbprintOf(string modulus, string exponent)
    {
        var canonical = $$"""{"e":"{{exponent}}","kty":"RSA","n":"{{modulus}}"}""";
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(canonical)));
    }
}
