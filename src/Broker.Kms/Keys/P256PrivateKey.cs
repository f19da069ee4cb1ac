using System.Security.Cryptography;

namespace Broker.Kms.Keys;

/// <summary>
/// A P-256 private key, held as its 32-byte big-endian scalar with the public point beside it. Its PKCS#8 form is
/// fixed byte for byte, because secrets are derived from the hash of it (kms-protocol §4.1).
/// </summary>
internal sealed class P256PrivateKey
{
    /// <summary>
    /// Everything of the PKCS#8 form that comes before the scalar: no curve parameters in the inner key.
    /// </summary>
    private static readonly byte[] Pkcs8Head = Convert.FromHexString(
        "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420");

    /// <summary>What stands between the scalar and the uncompressed public point.</summary>
    private static readonly byte[] Pkcs8Middle = Convert.FromHexString("a144034200");

    /// <summary>The SubjectPublicKeyInfo's fixed part; the uncompressed point follows.</summary>
    private static readonly byte[] SpkiHead = Convert.FromHexString(
        "3059301306072a8648ce3d020106082a8648ce3d030107034200");

    private static readonly byte[] GroupOrder = Convert.FromHexString(
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

    private readonly byte[] _scalar;

    private P256PrivateKey(byte[] scalar, byte[] publicPoint)
    {
        _scalar = scalar;
        PublicPoint = publicPoint;
        SubjectPublicKeyInfo = [.. SpkiHead, .. publicPoint];
    }

    /// <summary>The 32-byte big-endian private scalar: input of the key derivations, nothing else.</summary>
    public ReadOnlySpan<byte> Scalar => _scalar;

    /// <summary>The public point, uncompressed: <c>04 ‖ X ‖ Y</c>, 65 bytes.</summary>
    public byte[] PublicPoint { get; }

    /// <summary>The DER SubjectPublicKeyInfo, 91 bytes. For the root CA its hex is the key provider id.</summary>
    public byte[] SubjectPublicKeyInfo { get; }

    /// <summary>
    /// Whether the bytes are a P-256 SubjectPublicKeyInfo with an uncompressed point, in its one usual encoding.
    /// </summary>
    public static bool IsSubjectPublicKeyInfo(ReadOnlySpan<byte> der) =>
        der.Length == 91 && der.StartsWith(SpkiHead) && der[SpkiHead.Length] == 4;

    public static P256PrivateKey Generate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return FromParameters(key.ExportParameters(includePrivateParameters: true));
    }

    /// <summary>Takes the scalar as it is, without reduction.</summary>
    /// <exception cref="CryptographicException">It is not 32 bytes, is zero, or reaches the group order.</exception>
    public static P256PrivateKey FromScalar(ReadOnlySpan<byte> scalar)
    {
        if (scalar.Length != 32 || !scalar.ContainsAnyExcept((byte)0) || scalar.SequenceCompareTo(GroupOrder) >= 0)
            throw new CryptographicException("not a P-256 private scalar");

        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar.ToArray() });
        return FromParameters(key.ExportParameters(includePrivateParameters: true));
    }

    /// <summary>Reads a PKCS#8 PEM (<c>PRIVATE KEY</c>).</summary>
    /// <exception cref="CryptographicException">The text holds no P-256 private key.</exception>
    public static P256PrivateKey FromPem(string pem)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(pem);
            var parameters = key.ExportParameters(includePrivateParameters: true);
            return parameters.Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value
                ? FromParameters(parameters)
                : throw new CryptographicException("the private key is not on the curve P-256");
        }
        catch (ArgumentException)
        {
            throw new CryptographicException("no PKCS#8 PEM private key");
        }
    }

    /// <summary>
    /// The 138-byte PKCS#8 DER, built by hand so that no platform can change what is derived from it.
    /// </summary>
    public byte[] ToPkcs8() => [.. Pkcs8Head, .. _scalar, .. Pkcs8Middle, .. PublicPoint];

    /// <summary>PKCS#8 PEM with LF line ends and one at the end, as the key files hold it.</summary>
    public string ToPem() => PemEncoding.WriteString("PRIVATE KEY", ToPkcs8()) + "\n";

    /// <summary>ECDSA with SHA-256 over <paramref name="message"/>, as an ASN.1 DER signature.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        using var key = ToEcdsa();
        return key.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    /// <summary>The key in the framework's form, for TLS. The caller disposes it.</summary>
    public ECDsa ToEcdsa()
    {
        var point = new ECPoint { X = PublicPoint[1..33], Y = PublicPoint[33..] };
        return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = _scalar, Q = point });
    }

    private static P256PrivateKey FromParameters(ECParameters parameters) =>
        new(parameters.D!, [4, .. parameters.Q.X!, .. parameters.Q.Y!]);
}
