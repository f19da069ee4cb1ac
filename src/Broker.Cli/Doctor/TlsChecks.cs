using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Broker.Cli.Doctor;

/// <summary>
/// The certificates of the issuer's host. AWS trusts its library of CAs; for another CA it compares the SHA-1
/// thumbprints that the provider was made with.
/// </summary>
internal static class TlsChecks
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    public static async Task ExamineAsync(
        Uri issuer, SeenCertificates seen, Findings findings, CancellationToken stop)
    {
        var holds = true;
        if (seen.Errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            Fault($"the certificate ({seen.Subject}) is not for {issuer.IdnHost}",
                "get a certificate for the issuer's host; a proxy without a server block for it shows its default one");
        }

        if (seen.ChainErrors.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            Fault(
                $"the certificate is not valid now; it ends {seen.EndsAt:u}",
                "renew it (certbot renew), reload the proxy");
        }

        if ((seen.ChainErrors & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0)
        {
            var partial = seen.ChainErrors.HasFlag(X509ChainStatusFlags.PartialChain) && seen.Sent == 1;
            Fault(
                partial
                    ? "the server sends one certificate, and no CA of this system signed it"
                    : "the chain ends in no CA of this system",
                (partial ? "serve fullchain.pem, with the intermediates" : "take a certificate of a public CA") + "; or, "
                + "for a CA of your own, give the provider its thumbprint: aws iam "
                + $"update-open-id-connect-provider-thumbprint --thumbprint-list {seen.TopThumbprint} "
                + "--open-id-connect-provider-arn …");
        }

        if (holds && seen.Errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
            Fault($"the chain does not hold: {seen.ChainErrors}", "get another certificate");
        if (holds)
        {
            findings.Ok("tls", $"{seen.Subject} until {seen.EndsAt:u}, of a CA of this system; thumbprint (not needed) "
                + seen.TopThumbprint);
        }

        if (seen.EndsAt > DateTimeOffset.UtcNow && seen.EndsAt < DateTimeOffset.UtcNow + Soon)
        {
            findings.Warning("tls", $"the certificate ends {seen.EndsAt:u}",
                "does certbot renew it? systemctl list-timers certbot");
        }

        if (!await AwsLikeClient.SpeaksTls12Async(issuer, stop))
        {
            findings.Warning("tls", "the server does not speak TLS 1.2",
                "let the proxy speak 1.2 beside 1.3: IAM was seen to need it");
        }

        void Fault(string found, string fix)
        {
            holds = false;
            findings.Fault("tls", found, fix);
        }
    }
}
