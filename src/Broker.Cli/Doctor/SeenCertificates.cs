using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Broker.Cli.Doctor;

/// <summary>What a TLS server showed, judged by this system's CAs without fetching what the server left out.</summary>
/// <param name="Errors">None where a client that trusts the system's CAs goes on.</param>
/// <param name="TopThumbprint">
/// SHA-1 of the last certificate of the chain that the server sends: what IAM compares where it does not know the CA.
/// </param>
internal sealed record SeenCertificates(
    SslPolicyErrors Errors, X509ChainStatusFlags ChainErrors, string Subject, DateTimeOffset EndsAt, int Sent,
    string TopThumbprint)
{
    public static SeenCertificates Of(X509Certificate2 leaf, X509Chain? chain, SslPolicyErrors errors)
    {
        var sent = new HashSet<string>(StringComparer.Ordinal) { leaf.Thumbprint };
        foreach (var extra in chain?.ChainPolicy.ExtraStore ?? []) sent.Add(extra.Thumbprint);
        var top = chain?.ChainElements.Select(element => element.Certificate)
            .LastOrDefault(certificate => sent.Contains(certificate.Thumbprint)) ?? leaf;
        var flags = X509ChainStatusFlags.NoError;
        foreach (var status in chain?.ChainStatus ?? []) flags |= status.Status;
        return new SeenCertificates(
            errors, flags, leaf.Subject, leaf.NotAfter.ToUniversalTime(), sent.Count,
            top.Thumbprint.ToLowerInvariant());
    }
}
