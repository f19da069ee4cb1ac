using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;
using static Broker.Kms.Configuration.KmsSetting;

namespace Broker.Kms.Configuration;

/// <summary>The main service's own certificate, and those of its clients.</summary>
internal static class TlsSettings
{
    public static readonly Setting<string> Key = Mirror("rpc.tls.key",
        "the server's key; unset: rpc.key in BROKER_KMS_CERT_DIR", PathForm, FilePath);

    public static readonly Setting<string> Certificates = Mirror("rpc.tls.certs",
        "the server's certificate; unset: rpc.crt in BROKER_KMS_CERT_DIR", PathForm, FilePath);

    public static readonly Setting<string> ClientAuthorities = Mirror("rpc.tls.mutual.ca_certs",
        "the CA of client certificates; unset: tmp-ca.crt in BROKER_KMS_CERT_DIR", PathForm, FilePath);

    public static readonly Setting<bool> ClientsMandatory = Mirror("rpc.tls.mutual.mandatory",
        "refuse connections without a client certificate", TrueOrFalse, Switch, "false");

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } = [Key, Certificates, ClientAuthorities, ClientsMandatory];

    public static KmsOptions Read(BootEnvironment boot, KmsOptions options) => options with
    {
        RpcTlsKey = boot.ReadOptional(Key) ?? "",
        RpcTlsCerts = boot.ReadOptional(Certificates) ?? "",
        RpcTlsMutualCaCerts = boot.ReadOptional(ClientAuthorities) ?? "",
        RpcTlsMutualMandatory = boot.Read(ClientsMandatory),
    };

    /// <summary>A key without its certificate is of no use, nor is a certificate without its key.</summary>
    public static IEnumerable<BootFault> FindContradictions(KmsOptions options)
    {
        if (options.RpcTlsKey.Length > 0 == options.RpcTlsCerts.Length > 0) yield break;
        yield return options.RpcTlsKey.Length > 0
            ? BootFault.Of(Key, options.RpcTlsKey, $"needs {Certificates.Name} too")
            : BootFault.Of(Certificates, options.RpcTlsCerts, $"needs {Key.Name} too");
    }
}
