using System.Security.Cryptography;
using Broker.Configuration;
using Broker.Cryptography;

namespace Broker.SigningKeys;

/// <summary>
/// The public halves of a broker's session keys, as its <c>--export-session-pubkey-to</c> or <c>GET /v1/keys</c> gives
/// them: what a process needs that verifies capabilities or sessions and issues nothing. A file that has changed is read again. Safe
/// for use by many threads at once.
/// </summary>
internal sealed class SessionPublicKeys(LiveFile<IReadOnlyList<ECDsa>> file) : ISessionVerifier
{
    /// <summary>A P-256 key takes 178 bytes; this leaves room for several, and for comments about them.</summary>
    private const int LongestFile = 16 * 1024;

    public bool Verify(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature)
    {
        if (!Es256.IsLowerHalf(signature)) return false;
        foreach (var key in file.Current)
        {
            if (Es256.Verify(key, bytes, signature)) return true;
        }

        return false;
    }

    /// <summary>True: a file of public keys has no ids.</summary>
    public bool Knows(string keyId) => true;

    public bool Verify(string keyId, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature) => Verify(bytes, signature);

    /// <summary>One or more SPKI PEM blocks of P-256 keys.</summary>
    /// <exception cref="FormatException">The file is missing, or holds something else.</exception>
    public static IReadOnlyList<ECDsa> Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) throw new FormatException("no such file");
            if (file.Length > LongestFile) throw new FormatException("is larger than public keys are");
            return FromPem(File.ReadAllText(path));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new FormatException("cannot be read", fault);
        }
        catch (Exception wrong) when (wrong is ArgumentException or CryptographicException)
        {
            throw new FormatException("holds no P-256 public key in PEM (SubjectPublicKeyInfo)", wrong);
        }
    }

    private static List<ECDsa> FromPem(ReadOnlySpan<char> pem)
    {
        var keys = new List<ECDsa>();
        do
        {
            var block = PemEncoding.Find(pem);

            // ImportFromPem takes a private key too, which has no place where others verify.
            if (pem[block.Label] is not "PUBLIC KEY") throw new CryptographicException("not a public key");
            var key = ECDsa.Create();
            key.ImportFromPem(pem[block.Location]);
            if (key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value
                != ECCurve.NamedCurves.nistP256.Oid.Value)
                throw new CryptographicException("not on P-256");
            keys.Add(key);
            pem = pem[block.Location.End..];
        }
        while (pem.Contains("-----BEGIN", StringComparison.Ordinal));

        return keys;
    }
}
