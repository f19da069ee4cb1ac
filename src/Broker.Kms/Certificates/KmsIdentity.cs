using System.Security.Cryptography;
using System.Text;
using Broker.Kms.Keys;

namespace Broker.Kms.Certificates;

/// <summary>Everything that a running KMS is: its keys and the certificates over them.</summary>
/// <param name="Roots">The shared secrets.</param>
/// <param name="RpcKey">The key of this instance's server.</param>
/// <param name="RootCaPem">The root certificate, as it is on disk: apps get these very bytes.</param>
/// <param name="TempCaPem">The temp CA's certificate.</param>
/// <param name="RpcPem">The server's certificate, leaf only.</param>
internal sealed record KmsIdentity(
    RootKeys Roots, P256PrivateKey RpcKey, string RootCaPem, string TempCaPem, string RpcPem)
{
    /// <summary>Reads a complete folder.</summary>
    /// <exception cref="CryptographicException">A file holds something else, or a certificate another key.</exception>
    public static KmsIdentity Load(KeyDirectory folder)
    {
        var rootCa = P256PrivateKey.FromPem(folder.ReadText(KeyDirectory.RootCaKey));
        var tempCa = P256PrivateKey.FromPem(folder.ReadText(KeyDirectory.TempCaKey));
        var rpcKey = P256PrivateKey.FromPem(folder.ReadText(KeyDirectory.RpcKey));
        var k256 = RootKeys.ReadK256(folder.Read(KeyDirectory.K256Key));
        var rootCaPem = folder.ReadText(KeyDirectory.RootCaCertificate);
        var tempCaPem = folder.ReadText(KeyDirectory.TempCaCertificate);
        RequireMatch(rootCaPem, rootCa);
        RequireMatch(tempCaPem, tempCa);
        var roots = new RootKeys(rootCa, tempCa, k256);
        return new KmsIdentity(roots, rpcKey, rootCaPem, tempCaPem, folder.ReadText(KeyDirectory.RpcCertificate));
    }

    /// <summary>A first set of certificates over new or received keys.</summary>
    /// <param name="rpcAttestation">Bound to <paramref name="rpcKey"/>; null where the operator runs without.</param>
    public static KmsIdentity Certify(
        RootKeys roots, P256PrivateKey rpcKey, string domain, byte[]? rpcAttestation, DateTimeOffset now) =>
        new(
            roots,
            rpcKey,
            KmsCertificates.RootCa(roots.Ca, now),
            KmsCertificates.TempCa(roots.TempCa, now),
            KmsCertificates.Rpc(rpcKey.SubjectPublicKeyInfo, domain, rpcAttestation, roots.Ca, now));

    /// <summary>The files of this identity, without <c>bootstrap-info.json</c>.</summary>
    public Dictionary<string, byte[]> ToFiles(string domain) => new()
    {
        [KeyDirectory.TempCaKey] = Encoding.ASCII.GetBytes(Roots.TempCa.ToPem()),
        [KeyDirectory.TempCaCertificate] = Encoding.ASCII.GetBytes(TempCaPem),
        [KeyDirectory.RootCaKey] = Encoding.ASCII.GetBytes(Roots.Ca.ToPem()),
        [KeyDirectory.RootCaCertificate] = Encoding.ASCII.GetBytes(RootCaPem),
        [KeyDirectory.RpcKey] = Encoding.ASCII.GetBytes(RpcKey.ToPem()),
        [KeyDirectory.RpcCertificate] = Encoding.ASCII.GetBytes(RpcPem),
        [KeyDirectory.K256Key] = Roots.ExportK256(),
        [KeyDirectory.RpcDomain] = Encoding.ASCII.GetBytes(domain),
    };

    private static void RequireMatch(string certificatePem, P256PrivateKey key)
    {
        using var certificate = KmsCertificates.Read(certificatePem);
        if (!certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.SubjectPublicKeyInfo))
            throw new CryptographicException("CA certificate does not match private key");
    }
}
