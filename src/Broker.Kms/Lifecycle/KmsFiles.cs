using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broker.Foundation;
using Broker.Kms.Configuration;
using Broker.Kms.Tls;

namespace Broker.Kms.Lifecycle;

/// <summary>
/// Tries the files and folders that settings name, before anything is built from them. Each fault names the variable
/// that the operator set.
/// </summary>
public static class KmsFiles
{
    private const string Prefix = "BROKER_KMS_";

    /// <summary>
    /// The faults; none when everything can be used. Makes folders that do not exist yet, mode 0700. Of the settings
    /// that keep their default only the key folder is tried: a KMS may never need the others.
    /// </summary>
    public static IReadOnlyList<KmsSettingFault> FindFaults(KmsOptions options, Func<string, string?> variable)
    {
        var faults = new List<KmsSettingFault>();
        void Try(string name, string path, Action use)
        {
            try
            {
                use();
            }
            catch (Exception unusable)
                when (unusable is IOException or UnauthorizedAccessException or CryptographicException
                    or ArgumentException)
            {
                faults.Add(new KmsSettingFault(Prefix + name, path, $"cannot be used: {unusable.Message}"));
            }
        }

        bool IsSet(string name) => variable(Prefix + name) is { Length: > 0 };

        if (options.TdxRootCa.Length > 0)
            Try("ATTESTATION_ROOT_CA_TDX", options.TdxRootCa, () => ReadRoot(options.TdxRootCa));
        if (options.RpcTlsCerts.Length > 0)
        {
            Try("RPC_TLS_KEY", options.RpcTlsKey, () => File.ReadAllText(options.RpcTlsKey));
            if (faults.Count == 0)
            {
                Try("RPC_TLS_CERTS", options.RpcTlsCerts,
                    () => ServerCertificate.FromFiles(options.RpcTlsCerts, options.RpcTlsKey).Dispose());
            }
        }

        if (options.RpcTlsMutualCaCerts.Length > 0)
        {
            Try("RPC_TLS_MUTUAL_CA_CERTS", options.RpcTlsMutualCaCerts,
                () => ClientCertificateTrust.FromPem(File.ReadAllText(options.RpcTlsMutualCaCerts)));
        }

        Try("CERT_DIR", options.CertDir, () => MakeFolder(options.CertDir));
        if (IsSet("IMAGE_CACHE_DIR"))
            Try("IMAGE_CACHE_DIR", options.ImageCacheDir, () => MakeFolder(options.ImageCacheDir));
        if (IsSet("COLLATERAL_CACHE_DIR"))
            Try("COLLATERAL_CACHE_DIR", options.CollateralCacheDir, () => MakeFolder(options.CollateralCacheDir));
        if (Path.IsPathFullyQualified(options.ImageAcpiTablesProgram))
        {
            Try("IMAGE_ACPI_TABLES_PROGRAM", options.ImageAcpiTablesProgram,
                () => _ = new FileInfo(options.ImageAcpiTablesProgram).Length);
        }

        return faults;
    }

    /// <summary>A root certificate's DER; the file may also be PEM.</summary>
    /// <exception cref="CryptographicException">It is no root certificate.</exception>
    public static byte[] ReadRoot(string path)
    {
        using var root = X509CertificateLoader.LoadCertificateFromFile(path);
        return root.SubjectName.RawData.AsSpan().SequenceEqual(root.IssuerName.RawData)
            ? root.RawData
            : throw new CryptographicException("the certificate is not that of a root");
    }

    private static void MakeFolder(string path) => Directory.CreateDirectory(path, DurableFile.OwnerOnlyFolder);
}
