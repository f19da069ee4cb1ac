using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Broker.Attestation.Simulation;

/// <summary>
/// A P-256 key with its certificate, as DER and PKCS#8 files on disk: <c>NAME.der</c> and <c>NAME.key</c> (mode
/// 0600).
/// </summary>
internal sealed class CertifiedKey(ECDsa key, ReadOnlyMemory<byte> certificate) : IDisposable
{
    public ECDsa Key { get; } = key;

    /// <summary>DER.</summary>
    public ReadOnlyMemory<byte> Certificate { get; } = certificate;

    public X509SignatureGenerator Generator => X509SignatureGenerator.CreateForECDsa(Key);

    public string ToPem() => PemEncoding.WriteString("CERTIFICATE", Certificate.Span) + "\n";

    /// <summary>The AuthorityKeyIdentifier of what this key issues.</summary>
    public X509AuthorityKeyIdentifierExtension AuthorityKeyIdentifier()
    {
        using var certificate = X509CertificateLoader.LoadCertificate(Certificate.Span);
        return X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false);
    }

    /// <summary>r then s, over SHA-256.</summary>
    public byte[] SignRaw(ReadOnlySpan<byte> data) => Key.SignData(data, HashAlgorithmName.SHA256);

    public void Save(string folder, string name)
    {
        File.WriteAllBytes(Path.Combine(folder, name + ".der"), Certificate.ToArray());
        var secret = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) secret.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var stream = new StreamWriter(Path.Combine(folder, name + ".key"), secret);
        stream.Write(Key.ExportPkcs8PrivateKeyPem());
    }

    public static CertifiedKey Load(string folder, string name)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(Path.Combine(folder, name + ".key")));
        return new CertifiedKey(key, File.ReadAllBytes(Path.Combine(folder, name + ".der")));
    }

    public void Dispose() => Key.Dispose();
}
