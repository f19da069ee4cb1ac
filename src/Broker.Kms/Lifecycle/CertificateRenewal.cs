using Broker.Foundation.Results;
using Broker.Kms.Certificates;
using Broker.Kms.Configuration;
using Broker.Kms.Keys;
using Broker.Kms.Machine;
using Broker.Kms.Onboarding;
using Microsoft.Extensions.Logging;

namespace Broker.Kms.Lifecycle;

/// <summary>
/// What every start does to the certificates: the server's is issued anew, with fresh evidence; a CA's only when less
/// than a year is left, over the same key and name, so that clients that pinned it keep their trust.
/// </summary>
internal sealed partial class CertificateRenewal(
    KmsOptions options, KeyDirectory folder, IGuestAgent agent, TimeProvider time, ILogger<CertificateRenewal> log)
{
    private static readonly TimeSpan RenewalWindow = TimeSpan.FromDays(365);

    /// <summary>Gives the identity to serve. A refusal means that the KMS must not start.</summary>
    public async Task<Result<KmsIdentity>> RenewAsync(KmsIdentity identity, CancellationToken stop)
    {
        var rootCaPem = Renew(identity.RootCaPem, KeyDirectory.RootCaCertificate,
            () => KmsCertificates.RootCa(identity.Roots.Ca, time.GetUtcNow()));
        var tempCaPem = Renew(identity.TempCaPem, KeyDirectory.TempCaCertificate,
            () => KmsCertificates.TempCa(identity.Roots.TempCa, time.GetUtcNow()));
        var renewed = identity with { RootCaPem = rootCaPem, TempCaPem = tempCaPem };

        if (Domain() is not { } domain)
        {
            LogNoDomain();
            return renewed;
        }

        var evidence = await RpcEvidence.ForServerAsync(options, agent, identity.RpcKey, stop);
        if (evidence.IsRefused)
        {
            return evidence.Refusal.Within("Failed to reissue the attested KMS RPC certificate; "
                + "refusing to start with a potentially unattested certificate");
        }

        var rpcPem = KmsCertificates.Rpc(
            identity.RpcKey.SubjectPublicKeyInfo, domain, evidence.Value.Bytes, identity.Roots.Ca, time.GetUtcNow());
        folder.ReplaceCertificate(KeyDirectory.RpcCertificate, rpcPem);
        return renewed with { RpcPem = rpcPem };
    }

    private string Renew(string pem, string file, Func<string> issue)
    {
        using var certificate = KmsCertificates.Read(pem);
        if (certificate.NotAfter.ToUniversalTime() > time.GetUtcNow().UtcDateTime + RenewalWindow) return pem;
        var renewed = issue();
        folder.ReplaceCertificate(file, renewed);
        LogRenewed(file);
        return renewed;
    }

    private string? Domain()
    {
        if (options.AutoBootstrapDomain.Length > 0) return options.AutoBootstrapDomain;
        return folder.Has(KeyDirectory.RpcDomain) ? folder.ReadText(KeyDirectory.RpcDomain).Trim() : null;
    }

    [LoggerMessage(LogLevel.Information, "{File} was due and is issued anew, over the same key")]
    private partial void LogRenewed(string file);

    [LoggerMessage(LogLevel.Warning, "No rpc-domain: the server's certificate stays as it is")]
    private partial void LogNoDomain();
}
