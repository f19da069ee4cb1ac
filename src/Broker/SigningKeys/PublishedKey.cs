using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Broker.Foundation;
using Broker.Foundation.Settings;

namespace Broker.SigningKeys;

/// <summary>A key of the JWKS with the certificate that stands beside it as <c>x5c</c>.</summary>
internal sealed record PublishedKey(SigningKey Key, byte[] Certificate)
{
    /// <summary>
    /// Why the certificate could not be kept beside the key file, so that each start makes another; null when it is
    /// kept.
    /// </summary>
    public string? NotKept { get; init; }

    // Long enough that no relying party ever sees it end: the certificate only repeats the public key.
    private static readonly TimeSpan CertificateLifetime = TimeSpan.FromDays(10 * 365);

    /// <summary>
    /// Loads the key, and the certificate from <c>&lt;path&gt;.crt</c> beside it. The certificate is made once and
    /// kept, because some STS implementations pin its SHA-1; where it cannot be kept it lives as long as the process.
    /// </summary>
    public static PublishedKey Load(
        string path, string purpose, Setting setting, string issuer, TimeProvider time)
    {
        var key = SigningKey.Load(path, purpose, setting);
        var beside = path + ".crt";
        if (ReadCertificate(beside, key, setting) is { } kept) return new PublishedKey(key, kept);

        var now = time.GetUtcNow();
        var made = key.SelfSign(new Uri(issuer).Host, now.AddMinutes(-5), now + CertificateLifetime);
        try
        {
            DurableFile.Create(
                beside, Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE", made) + "\n"),
                DurableFile.ReadableByAll);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return new PublishedKey(key, made) { NotKept = $"{beside}: {fault.Message}" };
        }

        return new PublishedKey(key, made);
    }

    /// <summary>A key without a file. Its certificate lives as long as the process.</summary>
    public static PublishedKey Of(SigningKey key, string issuer, TimeProvider time)
    {
        var now = time.GetUtcNow();
        return new PublishedKey(
            key, key.SelfSign(new Uri(issuer).Host, now.AddMinutes(-5), now + CertificateLifetime));
    }

    private static byte[]? ReadCertificate(string path, SigningKey key, Setting setting)
    {
        if (!File.Exists(path)) return null;
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(path));
            if (key.IsOf(certificate)) return certificate.RawData;
            throw BootFailException.At(setting, path,
                "is the certificate of another key; delete it and it is made again");
        }
        catch (CryptographicException wrong)
        {
            throw BootFailException.At(setting, path,
                "is not a PEM certificate; delete it and it is made again", wrong);
        }
    }
}
