using Broker.Attestation.Apps;
using Broker.Attestation.CertificateRequests;
using Broker.Attestation.RaTls;
using Broker.Foundation.Results;
using Broker.Kms.Authorization;
using Broker.Kms.Certificates;
using Broker.Kms.Keys;
using Broker.Kms.Prpc.Messages;
using Broker.Kms.Records;
using Broker.Ledger;

namespace Broker.Kms.Rpc;

/// <summary>What <c>SignCert</c> is about to sign for an app.</summary>
internal sealed record PlannedCertificate(AppId App, CertificateTemplate Leaf);

/// <summary>Turns an approved request into a leaf under the app's CA (kms-protocol §4.4, §4.8).</summary>
internal static class AppCertificate
{
    /// <summary>
    /// Names, usages and validity are the request's. Identity is what was approved: the very facts that the authority
    /// decided about, and no claim beside them.
    /// </summary>
    public static Result<PlannedCertificate> Plan(
        CsrV2 csr, ApprovedCaller caller, DateTimeOffset now)
    {
        var wanted = csr.Config;
        if (wanted.SubjectAltNames.FirstOrDefault(name => !name.All(char.IsAscii)) is { } foreign)
            return Impossible($"subject alternative name {foreign} is not ASCII");
        if (Time(wanted.NotBefore, CertificateTemplate.DefaultNotBefore) is not { } notBefore
            || Time(wanted.NotAfter, now + KmsCertificates.Lifetime) is not { } notAfter)
        {
            return Impossible("not_before and not_after must be Unix seconds before the year 10000");
        }

        return new PlannedCertificate(caller.Boot.AppId, new CertificateTemplate
        {
            Subject = new DistinguishedName(wanted.OrgName, wanted.Subject),
            SubjectPublicKeyInfo = csr.PublicKey.ToArray(),
            NotBefore = notBefore,
            NotAfter = notAfter,
            AlternativeNames = wanted.SubjectAltNames,
            ServerAuth = wanted.UsageServerAuth,
            ClientAuth = wanted.UsageClientAuth,
            AppId = caller.Boot.AppId.ToBytes(),
            AppInfo = wanted.ExtAppInfo ? AppInfo.From(caller.Boot).Encode() : null,
            Usage = CertificateUsage.AppCustom,
            Attestation = wanted.ExtQuote ? csr.Attestation.StrippedForCertificate().Encode() : null,
        });
    }

    /// <summary>Leaf, app CA and root CA. The app CA is signed afresh, over the same key.</summary>
    public static SignCertResponse Sign(
        RecordedRelease<KmsRelease<PlannedCertificate>> recorded, KmsIdentity identity, DateTimeOffset now)
    {
        var planned = recorded.Redeem().What;
        var appCa = AppKeyDerivation.CaKey(identity.Roots, planned.App);
        return new SignCertResponse
        {
            CertificateChain =
            {
                KmsCertificates.Pem(planned.Leaf, DistinguishedName.AppCa, appCa),
                KmsCertificates.AppCa(appCa, planned.App, identity.Roots.Ca, now),
                identity.RootCaPem,
            },
        };
    }

    private static DateTimeOffset? Time(ulong? unixSeconds, DateTimeOffset otherwise)
    {
        const ulong endOfYear9999 = 253_402_300_799;
        if (unixSeconds is not { } seconds) return otherwise;
        return seconds <= endOfYear9999 ? DateTimeOffset.FromUnixTimeSeconds((long)seconds) : null;
    }

    private static Refusal Impossible(string text) => new(RpcRefusals.CertificateImpossible, text);
}
