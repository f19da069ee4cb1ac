using System.Security.Cryptography;
using Broker.Cryptography;
using Broker.Foundation.Settings;

namespace Broker.SigningKeys;

/// <summary>
/// The public half of a broker's session key: what a process needs that verifies capabilities and issues nothing. Safe
/// for use by many threads at once.
/// </summary>
internal sealed class SessionPublicKey : IDisposable
{
    /// <summary>A P-256 key takes 178 bytes; this leaves room for comments about it.</summary>
    private const int LongestFile = 16 * 1024;

    private readonly ECDsa _key;

    private SessionPublicKey(ECDsa key)
    {
        _key = key;
        KeyId = EcJwk.FromPublicKey(key).Thumbprint();
    }

    /// <summary>The RFC 7638 thumbprint.</summary>
    public string KeyId { get; }

    /// <summary>Of the key in this process.</summary>
    public static SessionPublicKey Of(Es256Key key) => FromPem(key.ExportPublicKeyPem());

    /// <summary>Of a broker elsewhere: the file that its <c>--export-session-pubkey-to</c> wrote.</summary>
    /// <exception cref="BootFailException">The file is missing, or holds no SPKI PEM of a P-256 key.</exception>
    public static SessionPublicKey Load(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) throw BootFailException.At(KeySettings.SessionPublicKeyFile, path, "no such file");
            if (file.Length > LongestFile)
                throw BootFailException.At(KeySettings.SessionPublicKeyFile, path, "is larger than a public key");
            return FromPem(File.ReadAllText(path));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw BootFailException.At(KeySettings.SessionPublicKeyFile, path, "cannot be read", fault);
        }
        catch (Exception wrong) when (wrong is ArgumentException or CryptographicException)
        {
            throw BootFailException.At(
                KeySettings.SessionPublicKeyFile, path, "holds no P-256 public key in PEM (SubjectPublicKeyInfo)",
                wrong);
        }
    }

    /// <summary>
    /// Whether the session key made the signature. Its twin with the other s is refused: what we signed has one
    /// spelling.
    /// </summary>
    public bool Verify(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature) =>
        Es256.IsLowerHalf(signature) && Es256.Verify(_key, bytes, signature);

    public void Dispose() => _key.Dispose();

    /// <exception cref="ArgumentException">It is no PEM of a public key.</exception>
    /// <exception cref="CryptographicException">It is no P-256 key.</exception>
    private static SessionPublicKey FromPem(string pem)
    {
        // ImportFromPem takes a private key too, which has no place where others verify.
        if (pem[PemEncoding.Find(pem).Label] != "PUBLIC KEY") throw new CryptographicException("not a public key");
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            if (key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value
                != ECCurve.NamedCurves.nistP256.Oid.Value)
                throw new CryptographicException("not on P-256");
            return new SessionPublicKey(key);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }
}

/// <summary>The key that signs this process's checkpoints.</summary>
internal sealed record LedgerKey(Ed25519SigningKey Key);
