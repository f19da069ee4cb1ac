using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broker.Foundation;
using Broker.Foundation.Settings;
using Broker.Kms.Configuration;
using Broker.Kms.Tls;

namespace Broker.Kms.Lifecycle;

/// <summary>
/// Tries the files and folders that settings name, before anything is built from them. Each fault names the variable
/// that the operator set.
/// </summary>
public static class KmsFiles
{
    /// <summary>
    /// Tries everything before it fails. Makes folders that do not exist yet, mode 0700. Of the settings that keep
    /// their default only the key folder is tried: a KMS may never need the others.
    /// </summary>
    /// <exception cref="BootFailException">Files or folders cannot be used; it names all of them.</exception>
    public static void Check(KmsOptions options, BootEnvironment boot)
    {
        var faults = new BootFaults();
        void Try(Setting setting, string path, Action use) => Use(faults, setting, path, use);

        TryRoots(faults, options);
        if (options.RpcTlsCerts.Length > 0)
        {
            Try(TlsSettings.Key, options.RpcTlsKey, () => File.ReadAllText(options.RpcTlsKey));
            if (!faults.Any)
            {
                Try(TlsSettings.Certificates, options.RpcTlsCerts,
                    () => ServerCertificate.FromFiles(options.RpcTlsCerts, options.RpcTlsKey).Dispose());
            }
        }

        if (options.RpcTlsMutualCaCerts.Length > 0)
        {
            Try(TlsSettings.ClientAuthorities, options.RpcTlsMutualCaCerts,
                () => ClientCertificateTrust.FromPem(File.ReadAllText(options.RpcTlsMutualCaCerts)));
        }

        Try(NodeSettings.CertDir, options.CertDir, () => MakeFolder(options.CertDir));
        if (boot.IsSet(ImageSettings.CacheDir))
            Try(ImageSettings.CacheDir, options.ImageCacheDir, () => MakeFolder(options.ImageCacheDir));
        if (options.CollateralCacheDir.Length > 0)
        {
            Try(AttestationSettings.CollateralCacheDir, options.CollateralCacheDir,
                () => MakeFolder(options.CollateralCacheDir));
        }

        if (Path.IsPathFullyQualified(options.ImageAcpiTablesProgram))
        {
            Try(ImageSettings.AcpiTablesProgram, options.ImageAcpiTablesProgram,
                () => _ = new FileInfo(options.ImageAcpiTablesProgram).Length);
        }

        faults.ThrowIfAny();
    }

    /// <summary>Tries the files of roots alone, for a process that only speaks for its machine.</summary>
    /// <exception cref="BootFailException">Some are no root certificates; it names all of them.</exception>
    public static void CheckRoots(KmsOptions options)
    {
        var faults = new BootFaults();
        TryRoots(faults, options);
        faults.ThrowIfAny();
    }

    /// <summary>A root certificate's DER; the file may also be PEM.</summary>
    /// <exception cref="CryptographicException">It is not a root certificate.</exception>
    public static byte[] ReadRoot(string path)
    {
        using var root = X509CertificateLoader.LoadCertificateFromFile(path);
        return root.SubjectName.RawData.AsSpan().SequenceEqual(root.IssuerName.RawData)
            ? root.RawData
            : throw new CryptographicException("the certificate is not that of a root");
    }

    private static void TryRoots(BootFaults faults, KmsOptions options)
    {
        foreach (var (setting, path) in AttestationSettings.ForeignRoots(options))
            Use(faults, setting, path, () => ReadRoot(path));
    }

    private static void Use(BootFaults faults, Setting setting, string path, Action use)
    {
        try
        {
            use();
        }
        catch (Exception unusable)
            when (unusable is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            faults.Add([BootFault.Of(setting, path, $"cannot be used: {unusable.Message}")]);
        }
    }

    private static void MakeFolder(string path) => Directory.CreateDirectory(path, DurableFile.OwnerOnlyFolder);
}
